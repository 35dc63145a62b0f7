// The page of one job: live part, player and transcript, wired together.
import "./copy.js";
import { handleActions } from "../live/actions.js";
import { readJson, request } from "../base/api.js";
import { JobFragment } from "../transcript/job-fragment.js";
import { showGone } from "../live/fragment.js";
import { Player } from "../transcript/player.js";
import { Review } from "../transcript/review.js";
import { announce, showError } from "../base/say.js";
import { Transcript } from "../transcript/transcript.js";

const root = document.querySelector("[data-live-job]");
const live = new JobFragment(root);
const player = new Player(document.querySelector("[data-player]"));
const transcript = new Transcript(root, player);
const review = new Review(root, player);

/** @param {HTMLElement} part as the server sent it */
function showSound(part) {
  player.root.hidden = !("hasSound" in part.dataset);
  if (part.dataset.peaks) player.wave.setPeaks(part.dataset.peaks.split(" ").map(Number));
  const seconds = Number(part.dataset.seconds ?? 0);
  if (seconds && !player.length) player.retry();
  player.setLength(seconds);
}

/** @param {SubmitEvent} event */
async function rename(event) {
  event.preventDefault();
  const form = event.target;
  const body = JSON.stringify({ title: form.elements.title.value });
  try {
    const response = await request(form.dataset.rename, {
      method: "PATCH",
      headers: { "Content-Type": "application/json" },
      body,
    });
    showTitle((await readJson(response)).title);
    // What was asked for before has the old one.
    live.refresh();
    form.closest("details").open = false;
    form.closest("details").querySelector("summary").focus();
  } catch (error) {
    showError(error.message);
  }
}

/** @param {string} title */
function showTitle(title) {
  const heading = document.getElementById("job-title");
  if (heading.textContent === title) return;
  heading.textContent = title;
  document.title = `${title} – Transcribe`;
  announce(`Renamed to ${title}`);
  // What somebody is writing there stays.
  document.getElementById("title").defaultValue = title;
}

showSound(root.querySelector("[data-fragment]"));
live.addEventListener("change", (event) => {
  transcript.index();
  review.index();
  showSound(event.detail);
  showTitle(event.detail.dataset.title);
});
live.addEventListener("gone", () => {
  player.stop();
  player.root.hidden = true;
  // Whoever reads the text may want to copy it.
  showGone();
});
document.querySelector("[data-rename]").addEventListener("submit", rename);
handleActions({ changed: () => live.refresh(), deleted: (link) => location.assign(link.dataset.then) });
