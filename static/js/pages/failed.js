// The page of failed jobs: keeps the list true, counts what is ticked, and works through any number of jobs step by step.
import { ApiError, isMismatched, readJson, request } from "../base/api.js";
import { find, findAs, findTarget, list, listAs } from "../base/dom.js";
import { Fragment } from "../live/fragment.js";
import { showError } from "../base/say.js";

/** What is said of each action. @type {Record<string, string>} */
const DONE = { retry: "started again", dismiss: "dismissed", take_back: "put back" };
const root = find(document, "[data-live-failed]");
const live = new Fragment(root);
const status = find(document, "[data-failed-status]");

function showAllTicked() {
  listAs(root, "[data-failed-form]", HTMLFormElement).forEach(showTicked);
}

/** @param {HTMLFormElement} form */
function listTicked(form) {
  return listAs(form, "input[name=jobs]:checked", HTMLInputElement).map((box) => box.value);
}

/** @param {HTMLFormElement} form */
function readErrorCode(form) {
  return findAs(form, "[name=error_code]", HTMLInputElement).value;
}

/** Offers what can be done with the ticked jobs, or with all while none is ticked. @param {HTMLFormElement} form */
function showTicked(form) {
  const ticked = listTicked(form).length;
  list(form, "[data-when-some]").forEach((button) => (button.hidden = ticked === 0));
  list(form, "[data-when-none]").forEach((button) => (button.hidden = ticked > 0));
  list(form, "[data-chosen]").forEach((label) => (label.textContent = `${ticked}`));
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
    const tally = await readJson(await request(root.dataset[action] ?? "", call));
    done += tally.done;
    // Jobs that fail again at once would be tried for ever.
    if (!tally.left || !tally.done || tally.left >= left) return done;
    left = tally.left;
    status.textContent = `${done} ${DONE[action]}, ${tally.left} left…`;
  }
}

/** @param {SubmitEvent} event */
async function act(event) {
  const form = findTarget(event, "[data-failed-form]");
  const { submitter } = event;
  if (!(form instanceof HTMLFormElement && submitter instanceof HTMLButtonElement)) return;
  event.preventDefault();
  const [action, scope] = submitter.value.split(" ");
  const choice = scope ? { error_code: readErrorCode(form) } : { jobs: listTicked(form) };
  await keepBusy(form, submitter, () => workThrough(action, choice).then((done) => showDone(action, done)));
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
    showProblem(error);
  }
  button.removeAttribute("aria-busy");
  buttons.forEach((one) => (one.disabled = isMismatched()));
}

/**
 * @param {string} action
 * @param {number} done
 */
function showDone(action, done) {
  status.textContent = `${done} ${done === 1 ? "job" : "jobs"} ${DONE[action]}.`;
}

/** @param {unknown} error */
function showProblem(error) {
  if (!(error instanceof ApiError)) throw error;
  status.textContent = "";
  if (error.code !== "version_mismatch") showError(error.message);
}

showAllTicked();
live.on("change", showAllTicked);
root.addEventListener("change", ({ target }) => target instanceof HTMLInputElement && target.form && showTicked(target.form));
root.addEventListener("submit", act);
