// Shows by a notification of the browser that a job has ended, while a tab is open and none is looked at.
import { readMeta } from "../base/api.js";
import { feed } from "./feed.js";

/** How long a tab that is looked at has to say so, in milliseconds. */
const PATIENCE_MS = 300;
/** @type {Record<string, string>} */
const WORDS = { completed: "The text is ready.", failed: "It could not be transcribed." };

const wanted = readMeta("notify").split(" ").filter(Boolean);
const channel = new BroadcastChannel("transcribe-seen");
const seen = new Set();

channel.addEventListener("message", (event) => {
  seen.add(event.data);
  setTimeout(() => seen.delete(event.data), 2 * PATIENCE_MS);
});

/** @param {import("./feed.js").JobMessage} event */
function meet(event) {
  if (event.kind !== "state" || !wanted.includes(event.state)) return;
  if (isLookedAt()) channel.postMessage(event.id);
  else if (feed.isLeader || !navigator.locks) setTimeout(() => seen.has(event.id) || show(event), PATIENCE_MS);
}

/** A tab that is not hidden may lie under another window. */
function isLookedAt() {
  return !document.hidden && document.hasFocus();
}

/** @param {{state: string, job: string, title: string}} event */
async function show({ state, job, title }) {
  if (window.Notification?.permission !== "granted") return;
  const url = readMeta("job-address").replace("00000000-0000-0000-0000-000000000000", job);
  // The same tag as by Web Push: it is shown once.
  const options = { body: WORDS[state], tag: job, data: { url } };
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration) await registration.showNotification(title, options);
  else new Notification(title, options).addEventListener("click", () => (focus(), location.assign(url)));
}

if (wanted.length) feed.on("job", meet);
