// The page of failed jobs: keeps the list true, counts what is ticked, and works through any number of jobs step by step.
import { ApiError, isMismatched, readJson, request } from "../base/api.js";
import { Fragment } from "../live/fragment.js";
import { showError } from "../base/say.js";

const DONE = { retry: "started again", dismiss: "dismissed", take_back: "put back" };
const root = document.querySelector("[data-live-failed]");
const live = new Fragment(root);
const status = document.querySelector("[data-failed-status]");

function showAllTicked() {
  root.querySelectorAll("[data-failed-form]").forEach(showTicked);
}

/** @param {HTMLFormElement} form */
function listTicked(form) {
  return [...form.querySelectorAll("input[name=jobs]:checked")].map((box) => box.value);
}

/** Offers what can be done with the ticked jobs, or with all while none is ticked. @param {HTMLFormElement} form */
function showTicked(form) {
  const ticked = listTicked(form).length;
  form.querySelectorAll("[data-when-some]").forEach((button) => (button.hidden = ticked === 0));
  form.querySelectorAll("[data-when-none]").forEach((button) => (button.hidden = ticked > 0));
  form.querySelectorAll("[data-chosen]").forEach((place) => (place.textContent = `${ticked}`));
}

/**
 * Calls until nothing is left, as one call works for a few seconds only.
 * @param {string} action
 * @param {{jobs: string[]} | {error_code: string}} choice
 * @returns {Promise<number>} how many jobs changed
 */
async function workThrough(action, choice) {
  const call = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(choice) };
  let done = 0;
  for (let left = Infinity; ; ) {
    const tally = await readJson(await request(root.dataset[action], call));
    done += tally.done;
    // Jobs that fail again at once would be tried for ever.
    if (!tally.left || !tally.done || tally.left >= left) return done;
    left = tally.left;
    status.textContent = `${done} ${DONE[action]}, ${tally.left} left…`;
  }
}

/** @param {SubmitEvent} event */
async function act(event) {
  const form = event.target.closest("[data-failed-form]");
  if (!form || !event.submitter) return;
  event.preventDefault();
  const [action, scope] = event.submitter.value.split(" ");
  const choice = scope ? { error_code: form.elements.error_code.value } : { jobs: listTicked(form) };
  await keepBusy(form, event.submitter, () => workThrough(action, choice).then((done) => tellDone(action, done)));
  await live.refresh();
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} button that was pressed
 * @param {() => Promise<void>} work
 */
async function keepBusy(form, button, work) {
  const buttons = form.querySelectorAll("button");
  buttons.forEach((one) => (one.disabled = true));
  button.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    tellError(error);
  }
  button.removeAttribute("aria-busy");
  buttons.forEach((one) => (one.disabled = isMismatched()));
}

/**
 * @param {string} action
 * @param {number} done
 */
function tellDone(action, done) {
  status.textContent = `${done} ${done === 1 ? "job" : "jobs"} ${DONE[action]}.`;
}

/** @param {Error} error */
function tellError(error) {
  if (!(error instanceof ApiError)) throw error;
  status.textContent = "";
  if (error.code !== "version_mismatch") showError(error.message);
}

showAllTicked();
live.addEventListener("change", showAllTicked);
root.addEventListener("change", (event) => showTicked(event.target.form));
root.addEventListener("submit", act);
