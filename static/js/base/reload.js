// Loads the page anew after an update; what the service worker keeps is replaced first, or old files would come back.

const LONGEST_MS = 10_000;

/** @param {() => boolean} [mayGo] asked at the last moment @returns {Promise<boolean>} whether the page goes */
export async function reloadPage(mayGo = () => true) {
  await Promise.race([renewShell(), new Promise((resolve) => setTimeout(resolve, LONGEST_MS))]);
  if (!mayGo()) return false;
  // What a form has sent is not sent once more.
  if (answersPost()) location.assign(location.pathname + location.search);
  else location.reload();
  return true;
}

/** Whether the page answers a form: it may show what is shown once, or what somebody wrote and has to mend. */
export function answersPost() {
  return "answersPost" in document.body.dataset;
}

/** Resolves when the worker that belongs to the server's version has taken over, or there is none. */
async function renewShell() {
  try {
    const registration = await navigator.serviceWorker?.getRegistration();
    await registration?.update();
    const fresh = registration?.installing ?? registration?.waiting;
    if (fresh) await waitFor(fresh);
  } catch {
    // no worker, or no server: then the page is what matters
  }
}

/** @param {ServiceWorker} worker @returns {Promise<void>} */
function waitFor(worker) {
  return new Promise((resolve) => worker.addEventListener("statechange", () => isSettled(worker) && resolve()));
}

/** @param {ServiceWorker} worker */
function isSettled(worker) {
  return ["activated", "redundant"].includes(worker.state);
}
