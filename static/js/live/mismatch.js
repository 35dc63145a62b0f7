// Says that the program was updated, and closes the controls that would call the server; never reloads by itself.
import { isMismatched } from "../base/api.js";
import { find, findTarget, list } from "../base/dom.js";
import { RECORDING_CHANGE, subscribe, VERSION_MISMATCH } from "../base/events.js";
import { reloadPage } from "../base/reload.js";

const REASON = "Transcribe was updated. Reload the page first.";

/** What the recorder does: "idle", "recording", or "kept" with a recording that is only in this page. */
let recording = /** @type {import("../base/events.js").PageEvents["recording-change"]} */ ("idle");

function showMismatch() {
  const bar = find(document, "#mismatch");
  bar.hidden = false;
  for (const words of list(bar, "[data-mismatch]")) words.hidden = words.dataset.mismatch !== recording;
  find(bar, "[data-reload]").hidden = recording !== "idle";
  list(document, "[data-needs-server]").forEach(closeControl);
}

/** @param {HTMLElement} control */
function closeControl(control) {
  control.title = control.dataset.reason ?? REASON;
  if (control instanceof HTMLButtonElement || control instanceof HTMLInputElement || control instanceof HTMLSelectElement || control instanceof HTMLTextAreaElement) control.disabled = true;
  else control.setAttribute("aria-disabled", "true");
}

subscribe(VERSION_MISMATCH, showMismatch);
subscribe(RECORDING_CHANGE, (state) => {
  recording = state;
  if (isMismatched()) showMismatch();
});
document.addEventListener(
  "click",
  (event) => {
    if (findTarget(event, "[aria-disabled=true]")) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    if (findTarget(event, "[data-reload]")) reloadPage();
  },
  { capture: true },
);
document.addEventListener(
  "submit",
  (event) => {
    if (isMismatched() && event.target instanceof Element && event.target.querySelector("[data-needs-server]")) event.preventDefault();
  },
  { capture: true },
);
