// Says whether the page hears of everything at once, or asks every few seconds.
import { feed } from "./feed.js";

const WORDS = {
  live: ["Live", "Everything is shown here as it happens."],
  asking: ["Not live", "There is no live connection at the moment, so this page asks every few seconds."],
};
/** A page that has only just come has no connection yet. */
const PATIENCE_MS = 4000;

const place = document.querySelector("[data-live-state]");

function show() {
  const [words, explanation] = feed.isLive ? WORDS.live : WORDS.asking;
  place.hidden = false;
  place.title = explanation;
  place.classList.toggle("is-live", feed.isLive);
  place.querySelector("[data-words]").textContent = words;
}

if (place && document.querySelector("[data-fragment]")) {
  feed.addEventListener("change", () => (feed.isLive || !place.hidden) && show());
  setTimeout(show, PATIENCE_MS);
}
