// Who uses this browser: whose recordings are shown and sent, also while no server can tell.

const REMEMBERED = "transcribe-person";

/** @returns {string} who is signed in; on the offline page who was so last; "" for nobody */
export function readPerson() {
  const told = findPerson(document);
  if (told || !document.querySelector("[data-offline]")) return told;
  return localStorage.getItem(REMEMBERED) ?? "";
}

/** @param {Document} page @returns {string} whom the server made it for, "" for nobody */
export function findPerson(page) {
  return page.querySelector('meta[name="person"]')?.content ?? "";
}

/** Whoever signs out leaves no name behind, nor files that were shared and not taken, and is told nothing here any more. */
function forget() {
  localStorage.removeItem(REMEMBERED);
  window.caches?.delete("transcribe-shared");
  stopPush();
}

/** The server learns of it when it next wants to tell something. */
async function stopPush() {
  const registration = await navigator.serviceWorker?.getRegistration();
  const subscription = await registration?.pushManager?.getSubscription();
  await subscription?.unsubscribe();
}

if (readPerson()) localStorage.setItem(REMEMBERED, readPerson());
document.querySelector("[data-sign-out]")?.addEventListener("submit", forget);
