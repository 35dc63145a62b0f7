// Says whether the page hears of everything at once, or asks every few seconds.
import { find } from "../base/dom.js";
import { feed } from "./feed.js";

const WORDS = {
  live: ["Live", "Everything is shown here as it happens."],
  asking: ["Not live", "There is no live connection at the moment, so this page asks every few seconds."],
};
/** A page that has only just come has no connection yet. */
const PATIENCE_MS = 4000;

const sign = document.querySelector("[data-live-state]");

/** @param {HTMLElement} element */
function show(element) {
  const [words, explanation] = feed.isLive ? WORDS.live : WORDS.asking;
  element.hidden = false;
  element.title = explanation;
  element.classList.toggle("is-live", feed.isLive);
  find(element, "[data-words]").textContent = words;
}

if (sign instanceof HTMLElement && document.querySelector("[data-fragment]")) {
  feed.on("change", () => (feed.isLive || !sign.hidden) && show(sign));
  setTimeout(() => show(sign), PATIENCE_MS);
}
