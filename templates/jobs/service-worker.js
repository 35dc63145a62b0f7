// Keeps the recorder's files and shared files, and shows notifications; keeps no page with a name, nor answers of the API.
const SHELL = "transcribe-shell-{{ digest }}";
const SHARED = "transcribe-shared";
const FILES = {{ files }};
const ADDRESSES = {{ addresses }};
/** What proxies answer with while the server is away. */
const AWAY = [502, 504];

addEventListener("install", (event) => {
  event.waitUntil(keepShell());
  skipWaiting();
});
addEventListener("activate", (event) => event.waitUntil(dropOldShells().then(() => clients.claim())));
addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (origin !== location.origin) return;
  if (method === "POST" && pathname === ADDRESSES.share) event.respondWith(keepShared(event.request));
  else if (method === "GET" && mode === "navigate") event.respondWith(openPage(event.request));
  else if (method === "GET" && FILES.includes(pathname)) event.respondWith(openFile(event.request));
});

addEventListener("push", (event) => event.waitUntil(notify(event.data?.json())));
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openJob(event.notification.data.url));
});

/** Browsers demand that something is shown for each message. @param {object} message its type, and its data: title, job, url */
async function notify(message) {
  const { title, job, url } = message?.data ?? { title: "Transcribe", job: "", url: ADDRESSES.home };
  const body = message?.type === "job.failed" ? "It could not be transcribed." : "The text is ready.";
  await registration.showNotification(title, { body, tag: job, data: { url }, icon: ADDRESSES.icon });
}

/** Goes to a tab that shows it, or opens one: no other is led away from what it does. @param {string} url */
async function openJob(url) {
  const tabs = await clients.matchAll({ type: "window" });
  const tab = tabs.find((one) => new URL(one.url).pathname === url);
  return tab ? tab.focus() : clients.openWindow(url);
}

/** Asked for without cookies, so that nobody's name is in it. */
async function keepShell() {
  const shell = await caches.open(SHELL);
  await shell.addAll([...FILES, ADDRESSES.offline].map((file) => new Request(file, { credentials: "omit" })));
}

/** Pages that are open have loaded all they need. */
async function dropOldShells() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("transcribe-shell-") && name !== SHELL);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** @param {Request} request */
async function openPage(request) {
  try {
    const response = await fetch(request);
    if (!AWAY.includes(response.status)) return response;
  } catch {
    // no network, or no server
  }
  return (await caches.match(ADDRESSES.offline)) ?? Response.error();
}

/** @param {Request} request */
async function openFile(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/** Files that another app shares wait for the home page. @param {Request} request */
async function keepShared(request) {
  const form = await request.formData();
  const shared = await caches.open(SHARED);
  for (const [index, file] of form.getAll("audio").entries()) {
    const headers = { "Content-Type": file.type || "application/octet-stream", "X-Name": encodeURIComponent(file.name) };
    await shared.put(`${ADDRESSES.share}${Date.now()}-${index}`, new Response(file, { headers }));
  }
  return Response.redirect(ADDRESSES.home, 303);
}
