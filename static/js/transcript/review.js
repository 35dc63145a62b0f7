// Leads through the doubtful places of a transcript: scrolls to each, marks it and plays it.
import { announce } from "../base/say.js";
import { areKeysOn } from "../base/shortcuts.js";

const LEAD_SECONDS = 1;
const KEYS = { n: 1, p: -1 };

export class Review {
  /**
   * @param {HTMLElement} live the part of the page that holds the places
   * @param {import("./player.js").Player} player
   */
  constructor(live, player) {
    this.live = live;
    this.player = player;
    this.index();
    live.addEventListener("click", (event) => this.click(event));
    document.addEventListener("keydown", (event) => this.press(event));
  }

  /** Learns the places anew, after the page was brought up to date. */
  index() {
    const here = this.places?.[this.at]?.hash;
    this.places = [...this.live.querySelectorAll("[data-review-spot]")];
    this.at = here ? this.places.findIndex((place) => place.hash === here) : -1;
    if (this.at >= 0) this.showNumber();
  }

  /** @param {MouseEvent} event */
  click(event) {
    const control = event.target.closest("[data-step], [data-listen], [data-review-spot]");
    if (!control || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (control.dataset.step) this.step(Number(control.dataset.step));
    else if ("listen" in control.dataset) this.show(Math.max(0, this.at));
    else this.choose(control);
  }

  /** Its list closes, so the focus goes on to what steps further. @param {HTMLAnchorElement} place */
  choose(place) {
    this.show(this.places.indexOf(place));
    this.live.querySelector('[data-step="1"]').focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (!areKeysOn(event)) return;
    if (!KEYS[event.key] || !this.places.length || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    this.step(KEYS[event.key]);
  }

  /** From the last place it goes on with the first. @param {number} by 1 or -1 */
  step(by) {
    const from = this.at < 0 && by < 0 ? 0 : this.at;
    this.show((from + by + this.places.length) % this.places.length);
  }

  /** @param {number} number of the place, from 0 */
  show(number) {
    this.at = number;
    const { start, end } = this.places[number].dataset;
    announce(`${this.showNumber()}: ${this.places[number].querySelector("[data-why]").textContent}`);
    this.mark(document.getElementById(this.places[number].hash.slice(1)));
    this.player.playStretch(Math.max(0, Number(start) - LEAD_SECONDS), Number(end));
  }

  /** @returns {string} which place of how many */
  showNumber() {
    const count = this.live.querySelector("[data-spot-count]");
    const words = `${this.at + 1} of ${count.dataset.total}`;
    count.textContent = words;
    return words;
  }

  /** @param {HTMLElement} element */
  mark(element) {
    this.live.querySelector(".is-shown")?.classList.remove("is-shown");
    element.classList.add("is-shown");
    element.scrollIntoView({ block: "center" });
    // Lines that were never in view have had guessed heights until now.
    requestAnimationFrame(() => element.scrollIntoView({ block: "center" }));
  }
}
