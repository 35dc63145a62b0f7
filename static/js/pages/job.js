// The page of one job: live fragment, player and transcript, wired together.
import "./copy.js";
import { handleActions } from "../live/actions.js";
import { readJson, request } from "../base/api.js";
import { find, findAs } from "../base/dom.js";
import { JobFragment } from "../transcript/job-fragment.js";
import { showGone } from "../live/fragment.js";
import { Player } from "../transcript/player.js";
import { Review } from "../transcript/review.js";
import { announce, showError } from "../base/say.js";
import { Transcript } from "../transcript/transcript.js";

const root = find(document, "[data-live-job]");
const live = new JobFragment(root);
const player = new Player(find(document, "[data-player]"));
const transcript = new Transcript(root, player);
const review = new Review(root, player);
const renameForm = findAs(document, "[data-rename]", HTMLFormElement);
const titleField = findAs(renameForm, "#title", HTMLInputElement);

/** @param {HTMLElement} fragment as the server sent it */
function showSound({ dataset }) {
  player.root.hidden = !("hasSound" in dataset);
  if (dataset.peaks) player.wave.setPeaks(dataset.peaks.split(" ").map(Number));
  const seconds = Number(dataset.seconds ?? 0);
  if (seconds && !player.length) player.retry();
  player.setLength(seconds);
}

/** @param {HTMLFormElement} form */
async function rename(form) {
  const body = JSON.stringify({ title: titleField.value });
  try {
    const response = await request(form.dataset.rename ?? "", {
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body,
    });
    showTitle((await readJson(response)).title);
    // What was asked for before has the old one.
    live.refresh();
    closeMenu(form.closest("details"));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    showError(error.message);
  }
}

/** @param {HTMLDetailsElement | null} menu */
function closeMenu(menu) {
  if (!menu) return;
  menu.open = false;
  find(menu, "summary").focus();
}

/** @param {string} title */
function showTitle(title) {
  const heading = find(document, "#job-title");
  if (heading.textContent === title) return;
  heading.textContent = title;
  document.title = `${title} – Transcribe`;
  announce(`Renamed to ${title}`);
  // What is being written there stays.
  titleField.defaultValue = title;
}

showSound(find(root, "[data-fragment]"));
live.on("change", (fragment) => {
  transcript.index();
  review.index();
  showSound(fragment);
  showTitle(fragment.dataset.title ?? "");
});
live.on("gone", () => {
  player.stop();
  player.root.hidden = true;
  // The text may still be wanted for a copy.
  showGone();
});
renameForm.addEventListener("submit", (event) => {
  event.preventDefault();
  rename(renameForm);
});
handleActions({ changed: () => live.refresh(), deleted: (link) => location.assign(link.dataset.then ?? "/") });
