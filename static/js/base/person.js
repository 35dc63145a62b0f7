// Who uses this browser: whose recordings are shown and sent, also while no server can tell.

import { findAs, list } from "./dom.js";
import { SIGNED_IN, subscribe } from "./events.js";
import { isHeld } from "./leaving.js";

const REMEMBERED = "transcribe-person";
/** Set in a tab whose form signs out, until the page that this leads to has come. */
const LEFT = "transcribe-signed-out";
/** So long somebody who signs out waits for a browser that does not answer. */
const PATIENCE_MS = 1000;

/** @returns {string} who is signed in; on the offline page who was so last; "" for nobody */
export function readPerson() {
  const told = findPerson(document);
  if (told || !document.querySelector("[data-offline]")) return told;
  return localStorage.getItem(REMEMBERED) ?? "";
}

/** @param {Document} page @returns {string} whom the server made it for, "" for nobody */
export function findPerson(page) {
  return page.querySelector('meta[name="person"]')?.getAttribute("content") ?? "";
}

/**
 * Whoever signs out leaves no name behind, nor files that were shared and not taken, and is told nothing here any more.
 * @param {Event} event
 */
async function signOut(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  event.preventDefault();
  localStorage.removeItem(REMEMBERED);
  window.caches?.delete("transcribe-shared");
  await Promise.race([stopPush(findAs(form, "[name=endpoint]", HTMLInputElement)), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  sessionStorage.setItem(LEFT, "1");
  form.submit();
}

/** @param {boolean} isHidden */
function hideTexts(isHidden) {
  for (const fragment of list(document, "[data-live]")) fragment.hidden = isHidden;
}

/** Once the server has signed somebody out, no other tab goes on showing what is theirs; one that records keeps that. */
function shareLeaving() {
  const channel = new BroadcastChannel("transcribe-signed-out");
  channel.addEventListener("message", () => findPerson(document) && (isHeld() ? hideTexts(true) : location.reload()));
  subscribe(SIGNED_IN, () => hideTexts(false));
  if (!sessionStorage.getItem(LEFT)) return;
  sessionStorage.removeItem(LEFT);
  if (!findPerson(document)) channel.postMessage("");
}

/** Both are told, browser and server: one is enough. @param {HTMLInputElement} field by which the server knows the browser */
async function stopPush(field) {
  try {
    const registration = await navigator.serviceWorker?.getRegistration();
    const subscription = await registration?.pushManager?.getSubscription();
    field.value = subscription?.endpoint ?? "";
    await subscription?.unsubscribe();
  } catch {
    // a browser without it
  }
}

if (readPerson()) localStorage.setItem(REMEMBERED, readPerson());
document.querySelector("[data-sign-out]")?.addEventListener("submit", signOut);
shareLeaving();
