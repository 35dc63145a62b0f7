// Signs somebody in again whose session ran out, without leaving the page: what it holds goes on.
import { readPerson } from "./person.js";

const WRONG = "That was not right. Check your password and try again.";
const AWAY = "The server could not be reached. Try again in a moment.";

/** Whoever wants to sign in later is not asked again at once. */
const LATER_MS = 60_000;

let quietUntil = 0;
const dialog = document.getElementById("sign-in-again");

/** Asks for the password, unless it is being asked for. */
function askAgain() {
  if (!dialog || dialog.open || !readPerson() || Date.now() < quietUntil) return;
  dialog.querySelector("[data-person]").textContent = readPerson();
  dialog.querySelector("[data-sign-in-error]").textContent = "";
  dialog.showModal();
}

/** @param {SubmitEvent} event */
async function signIn(event) {
  event.preventDefault();
  const password = dialog.querySelector("input[type=password]");
  const error = dialog.querySelector("[data-sign-in-error]");
  error.textContent = "";
  try {
    if (!(await isAccepted(dialog.dataset.address, password.value))) error.textContent = WRONG;
    else finish();
  } catch {
    error.textContent = AWAY;
  }
  password.value = "";
}

function finish() {
  dialog.close();
  quietUntil = 0;
  document.dispatchEvent(new CustomEvent("signed-in"));
}

/**
 * The page of the sign-in has the token that its form needs; whoever is signed in is sent on.
 * @param {string} address
 * @param {string} password
 */
async function isAccepted(address, password) {
  const page = await fetch(address, { credentials: "same-origin", redirect: "manual", cache: "no-store" });
  if (page.type === "opaqueredirect") return true;
  const token = new DOMParser()
    .parseFromString(await page.text(), "text/html")
    .querySelector("input[name=csrfmiddlewaretoken]");
  const body = new URLSearchParams({ username: readPerson(), password, csrfmiddlewaretoken: token?.value ?? "" });
  const answer = await fetch(address, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
  return answer.type === "opaqueredirect";
}

document.addEventListener("signed-out", askAgain);
dialog?.querySelector("form").addEventListener("submit", signIn);
dialog?.addEventListener("close", () => (quietUntil = Date.now() + LATER_MS));
dialog?.querySelector("[data-later]").addEventListener("click", () => dialog.close());
