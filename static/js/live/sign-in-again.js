// Signs somebody in again whose session ran out, without leaving the page: what it holds goes on.
import { find, findAs } from "../base/dom.js";
import { publish, SIGNED_IN, SIGNED_OUT, subscribe } from "../base/events.js";
import { findPerson, readPerson } from "../base/person.js";

const WRONG = "That was not right. Check your password and try again.";
const OTHER = "is signed in with this browser. Sign out there first, then sign in here.";
const AWAY = "The server could not be reached. Try again in a moment.";

/** Whoever wants to sign in later is not asked again at once. */
const LATER_MS = 60_000;

let quietUntil = 0;
const found = document.querySelector("#sign-in-again");
const dialog = found instanceof HTMLDialogElement ? found : null;

/** Asks for the password, unless it is being asked for. */
function askAgain() {
  if (!dialog || dialog.open || !readPerson() || Date.now() < quietUntil) return;
  find(dialog, "[data-person]").textContent = readPerson();
  find(dialog, "[data-sign-in-error]").textContent = "";
  dialog.showModal();
}

/** Before the dialog closes, or what fails in that moment would open it again. */
function putOff() {
  quietUntil = Date.now() + LATER_MS;
}

/** @param {Event} event */
async function signIn(event) {
  event.preventDefault();
  if (!dialog) return;
  const password = findAs(dialog, "input[type=password]", HTMLInputElement);
  const error = find(dialog, "[data-sign-in-error]");
  error.textContent = "";
  try {
    const person = await signInAs(dialog.dataset.address ?? "", password.value);
    if (person === readPerson()) finish();
    else error.textContent = person ? `${person} ${OTHER}` : WRONG;
  } catch {
    error.textContent = AWAY;
  }
  password.value = "";
}

function finish() {
  dialog?.close();
  quietUntil = 0;
  publish(SIGNED_IN, null);
}

/**
 * The page of the sign-in has the token that its form needs; whoever is signed in is sent on to a page with their name.
 * @param {string} address
 * @param {string} password
 * @returns {Promise<string>} who is signed in then, which may be somebody else; "" for nobody
 */
async function signInAs(address, password) {
  const page = await open(address);
  if (findPerson(page)) return findPerson(page);
  const token = page.querySelector("input[name=csrfmiddlewaretoken]")?.getAttribute("value") ?? "";
  const body = new URLSearchParams({ username: readPerson(), password, csrfmiddlewaretoken: token });
  return findPerson(await open(address, { method: "POST", body }));
}

/** @param {string} address @param {RequestInit} options @returns {Promise<Document>} the page that it leads to */
async function open(address, options = {}) {
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", ...options });
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

subscribe(SIGNED_OUT, askAgain);
dialog?.querySelector("form")?.addEventListener("submit", signIn);
dialog?.addEventListener("cancel", putOff);
dialog?.querySelector("[data-later]")?.addEventListener("click", () => {
  putOff();
  dialog.close();
});
