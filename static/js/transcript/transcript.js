// The transcript beside the player: plays from a word or line, marks the line being played, follows it.
// One listener for all lines and nothing per word: a transcript of five hours stays quick.

import { findTarget, list } from "../base/dom.js";

const SCROLL_KEYS = ["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown"];

export class Transcript {
  /** @type {HTMLElement} */
  #live;
  /** @type {import("./player.js").Player} */
  #player;
  /** @type {HTMLElement} */
  #follow;
  /** The line that is played. @type {HTMLElement | null} */
  #current = null;
  #isFollowing = true;
  /** @type {HTMLElement[]} */
  #lines = [];
  /** @type {number[]} */
  #starts = [];

  /**
   * @param {HTMLElement} live the element that holds the lines
   * @param {import("./player.js").Player} player
   */
  constructor(live, player) {
    this.#live = live;
    this.#player = player;
    this.#follow = player.get("follow");
    this.index();
    live.addEventListener("click", (event) => this.#click(event));
    player.on("time", (seconds) => this.#mark(seconds));
    this.#follow.addEventListener("click", () => this.#setFollowing(true));
    for (const name of ["wheel", "touchmove"]) addEventListener(name, () => this.#scrolled(), { passive: true });
    addEventListener("keydown", (event) => SCROLL_KEYS.includes(event.key) && this.#scrolled());
  }

  /** Reads the lines again, after some were added; notes among them are not read along. */
  index() {
    this.#lines = list(this.#live, ".segment:not(.segment-note)");
    this.#starts = this.#lines.map((line) => Number(line.dataset.start));
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const line = findTarget(event, ".segment");
    if (!line || String(getSelection()) !== "" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const isTime = findTarget(event, ".segment-time");
    const seconds = isTime ? Number(line.dataset.start) : findWordStart(line, event.clientX, event.clientY);
    this.#setFollowing(true);
    this.#player.goTo(seconds);
    this.#player.play();
  }

  /** @param {number} seconds */
  #mark(seconds) {
    const line = this.#findLine(seconds);
    if (line === this.#current) return;
    this.#current?.removeAttribute("aria-current");
    this.#current = line;
    line?.setAttribute("aria-current", "true");
    const isLedElsewhere = this.#player.stopAt !== null; // by whoever plays a stretch
    if (line && this.#isFollowing && !isLedElsewhere && !this.#player.audio.paused) this.#showLine();
  }

  /**
   * @param {number} seconds
   * @returns {HTMLElement | null} the last line that has begun by then
   */
  #findLine(seconds) {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle] <= seconds + 0.05) low = middle + 1;
      else high = middle;
    }
    const line = this.#lines[low - 1];
    const hasBegun = line && (seconds > 0 || !this.#player.audio.paused);
    return hasBegun && seconds < Number(line.dataset.end) + 1 ? line : null;
  }

  #showLine() {
    this.#current?.scrollIntoView({ block: "center", behavior: "smooth" });
  }

  #scrolled() {
    if (!this.#player.audio.paused) this.#setFollowing(false);
  }

  /** @param {boolean} isFollowing */
  #setFollowing(isFollowing) {
    this.#isFollowing = isFollowing;
    this.#follow.hidden = isFollowing;
    if (isFollowing && this.#current) this.#showLine();
  }
}

/**
 * @param {HTMLElement} line
 * @param {number} x
 * @param {number} y
 * @returns {number} when the word under a point is said, in seconds; the line's start beside words
 */
function findWordStart(line, x, y) {
  const offset = findOffset(x, y);
  const words = (line.dataset.words || `${line.dataset.start},0`).split(" ").map((word) => word.split(",").map(Number));
  const said = offset === null ? words[0] : (words.findLast(([, begin]) => begin <= offset) ?? words[0]);
  return said[0];
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {number | null} the character under a point, counted from the start of its line
 */
function findOffset(x, y) {
  if (document.caretPositionFromPoint) {
    const caret = document.caretPositionFromPoint(x, y);
    return caret && countCharacters(caret.offsetNode, caret.offset);
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range && countCharacters(range.startContainer, range.startOffset);
}

/**
 * @param {Node} node
 * @param {number} offset within the node
 * @returns {number | null} the same character from the start of its line, whose unsure words are nodes of their own
 */
function countCharacters(node, offset) {
  const text = node.nodeType === Node.TEXT_NODE ? node.parentElement?.closest(".segment-text") : null;
  if (!text) return null;
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(node, offset);
  return before.toString().length;
}
