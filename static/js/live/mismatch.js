// Says that the program was updated, and closes the controls that would call the server; never reloads by itself.
import { isMismatched } from "../base/api.js";
import { reloadPage } from "../base/reload.js";

const REASON = "Transcribe was updated. Reload the page first.";

/** What the recorder does: "idle", "recording", or "kept" with a recording that is only in this page. */
let recording = "idle";

function showMismatch() {
  const bar = document.getElementById("mismatch");
  bar.hidden = false;
  for (const words of bar.querySelectorAll("[data-mismatch]")) words.hidden = words.dataset.mismatch !== recording;
  bar.querySelector("[data-reload]").hidden = recording !== "idle";
  document.querySelectorAll("[data-needs-server]").forEach(closeControl);
}

/** @param {HTMLElement} control */
function closeControl(control) {
  control.title = control.dataset.reason ?? REASON;
  if ("disabled" in control) control.disabled = true;
  else control.setAttribute("aria-disabled", "true");
}

document.addEventListener("version-mismatch", showMismatch);
document.addEventListener("recording-change", (event) => {
  recording = event.detail;
  if (isMismatched()) showMismatch();
});
document.addEventListener(
  "click",
  (event) => {
    if (event.target.closest("[aria-disabled=true]")) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    if (event.target.closest("[data-reload]")) reloadPage();
  },
  { capture: true },
);
document.addEventListener(
  "submit",
  (event) => {
    if (isMismatched() && event.target.querySelector("[data-needs-server]")) event.preventDefault();
  },
  { capture: true },
);
