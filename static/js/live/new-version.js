// Offers the reload when the program was updated and still serves this page; a page that nobody is busy with does it alone.
import { isMismatched, readMeta } from "../base/api.js";
import { find, list, listAs } from "../base/dom.js";
import { subscribe, VERSION_MISMATCH } from "../base/events.js";
import { feed } from "./feed.js";
import { isHeld } from "../base/leaving.js";
import { answersPost, reloadPage } from "../base/reload.js";

/** What somebody writes or chooses for a form; sliders move by themselves while sound plays. */
const FIELDS = "input:not([type=hidden], [type=range]), select[name], textarea";
const DONE_FOR = "transcribe-reloaded-for";

/** Pages that nobody reads for long have none. */
const bar = list(document, "#new-version")[0];
let version = "";
let timer = 0;
let left = 0;
/** Which countdown it is: one that was stopped, or followed by another, goes on to nothing. */
let round = 0;

/** Whether somebody would lose something, or be interrupted, if the page were loaded anew; or no server would answer. */
function isBusy() {
  const isOpen = document.querySelector("dialog[open], [data-one-time-secret]") !== null;
  return !feed.isLive || isHeld() || isMismatched() || answersPost() || isOpen || hasEdits() || isListening();
}

function hasEdits() {
  const fields = list(document, FIELDS).filter((field) => !field.closest("dialog:not([open])"));
  return fields.some((field) => isFilled(field) || isChanged(field));
}

/** @param {HTMLElement} field */
function isFilled(field) {
  return field instanceof HTMLInputElement && Boolean(field.files?.length);
}

/** @param {HTMLElement} field */
function isChanged(field) {
  if (field instanceof HTMLSelectElement) return isChosenOtherwise(field);
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (!(field instanceof HTMLInputElement)) return false;
  return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
}

/** @param {HTMLSelectElement} field */
function isChosenOtherwise(field) {
  const options = [...field.options];
  const chosen = options.filter((option) => option.defaultSelected);
  // Where the page chose none, browsers take the first that can be chosen.
  const first = field.multiple ? [] : options.filter((option) => !option.disabled).slice(0, 1);
  const expected = chosen.length ? chosen : first;
  return options.some((option) => option.selected !== expected.includes(option));
}

function isListening() {
  return listAs(document, "audio, video", HTMLMediaElement).some((sound) => !sound.paused);
}

/** @param {string} found the server's version */
function meet(found) {
  if (found === version || isMismatched()) return;
  stop();
  version = found;
  // The same again: the update was taken back.
  bar.hidden = found === readMeta("frontend-version");
  if (bar.hidden) return;
  // A reload that has brought the same page again, out of some cache, would do so for ever.
  if (sessionStorage.getItem(DONE_FOR) !== version) begin();
}

function begin() {
  clearInterval(timer);
  round += 1;
  left = Number(bar.dataset.countdownSeconds);
  timer = setInterval(count, 1000);
  show();
}

function count() {
  // As long as somebody is busy the time does not run.
  if (isBusy()) left = Number(bar.dataset.countdownSeconds);
  else left -= 1;
  if (left <= 0) reloadUnlessBusy();
  else show();
}

/** Somebody may have begun something while the new files came; then the countdown begins anew. */
async function reloadUnlessBusy() {
  const own = round;
  clearInterval(timer);
  sessionStorage.setItem(DONE_FOR, version);
  if (await reloadPage(() => own === round && !isBusy())) return;
  sessionStorage.removeItem(DONE_FOR);
  if (own === round) begin();
}

function show() {
  const waits = isBusy();
  find(bar, "[data-countdown]").hidden = waits;
  find(bar, "[data-seconds]").textContent = `${left}`;
  find(bar, "[data-stay]").hidden = waits;
}

function stop() {
  clearInterval(timer);
  round += 1;
  find(bar, "[data-countdown]").hidden = true;
  find(bar, "[data-stay]").hidden = true;
}

function reload() {
  clearInterval(timer);
  sessionStorage.setItem(DONE_FOR, version);
  reloadPage();
}

if (bar) {
  feed.on("change", () => (bar.hidden = !version || !feed.isLive || version === readMeta("frontend-version")));
  feed.on("hello", ({ version: found }) => meet(found));
  find(bar, "[data-stay]").addEventListener("click", stop);
  find(bar, "[data-reload-now]").addEventListener("click", reload);
  subscribe(VERSION_MISMATCH, () => {
    stop();
    bar.hidden = true;
  });
}
