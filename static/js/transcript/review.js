// Leads through the review spots of a transcript: scrolls to each, marks it and plays it.
import { find, findTarget, isDialogOpen, listAs } from "../base/dom.js";
import { announce } from "../base/say.js";
import { areKeysOn } from "../base/shortcuts.js";

const LEAD_SECONDS = 1;
/** @type {Record<string, number>} */
const KEYS = { n: 1, p: -1 };

export class Review {
  /** @type {HTMLElement} */
  #live;
  /** @type {import("./player.js").Player} */
  #player;
  /** @type {HTMLAnchorElement[]} */
  #spots = [];
  /** Which spot is shown, from 0; -1 for none. */
  #at = -1;

  /**
   * @param {HTMLElement} live the element that holds the spots
   * @param {import("./player.js").Player} player
   */
  constructor(live, player) {
    this.#live = live;
    this.#player = player;
    this.index();
    live.addEventListener("click", (event) => this.#click(event));
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  /** Reads the spots again, after the page was brought up to date. */
  index() {
    const here = this.#spots[this.#at]?.hash;
    this.#spots = listAs(this.#live, "[data-review-spot]", HTMLAnchorElement);
    this.#at = here ? this.#spots.findIndex((spot) => spot.hash === here) : -1;
    if (this.#at >= 0) this.#showNumber();
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const control = findTarget(event, "[data-step], [data-listen], [data-review-spot]");
    if (!control || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (control.dataset.step) this.#step(Number(control.dataset.step));
    else if ("listen" in control.dataset) this.#show(Math.max(0, this.#at));
    else if (control instanceof HTMLAnchorElement) this.#choose(control);
  }

  /** Its list closes, so the focus goes on to what steps further. @param {HTMLAnchorElement} spot */
  #choose(spot) {
    this.#show(this.#spots.indexOf(spot));
    find(this.#live, '[data-step="1"]').focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (!areKeysOn(event)) return;
    if (!KEYS[event.key] || !this.#spots.length || isDialogOpen()) return;
    event.preventDefault();
    this.#step(KEYS[event.key]);
  }

  /** From the last spot it goes on with the first. @param {number} by 1 or -1 */
  #step(by) {
    const from = this.#at < 0 && by < 0 ? 0 : this.#at;
    this.#show((from + by + this.#spots.length) % this.#spots.length);
  }

  /** @param {number} number of the spot, from 0 */
  #show(number) {
    this.#at = number;
    const spot = this.#spots[number];
    const { start, end } = spot.dataset;
    announce(`${this.#showNumber()}: ${find(spot, "[data-why]").textContent}`);
    this.#mark(find(document, spot.hash));
    this.#player.playStretch(Math.max(0, Number(start) - LEAD_SECONDS), Number(end));
  }

  /** @returns {string} which spot of how many */
  #showNumber() {
    const count = find(this.#live, "[data-spot-count]");
    const words = `${this.#at + 1} of ${count.dataset.total}`;
    count.textContent = words;
    return words;
  }

  /** @param {HTMLElement} element */
  #mark(element) {
    this.#live.querySelector(".is-shown")?.classList.remove("is-shown");
    element.classList.add("is-shown");
    element.scrollIntoView({ block: "center" });
    // Lines that were never in view have had guessed heights until now.
    requestAnimationFrame(() => element.scrollIntoView({ block: "center" }));
  }
}
