// Keeps the job page true while the job runs: its state, and each line of text as soon as there is one.
import { find, list, listChildren, parseFragment } from "../base/dom.js";
import { Emitter } from "../base/events.js";
import { showFailed } from "../live/failed-count.js";
import { morph } from "../base/morph.js";
import { Poller } from "../live/poller.js";
import { announce, showError } from "../base/say.js";
import { refreshTimes } from "../base/times.js";

const ACTIVE = ["pending", "processing"];

/**
 * Events: `change` after the page was brought up to date (detail: the fragment as the server sent it), `gone` when there
 * is none.
 * @extends {Emitter<{change: HTMLElement, gone: null}>}
 */
export class JobFragment extends Emitter {
  /** @type {HTMLElement} */
  #root;
  /** @type {HTMLElement} */
  #fragment;
  /** Up to where the page has the lines, as the server counts them. @type {string} */
  #since;
  /** @type {Poller} */
  #poller;

  /** @param {HTMLElement} root the element with `data-live` */
  constructor(root) {
    super();
    this.#root = root;
    this.#fragment = find(root, "[data-fragment]");
    this.#since = this.#fragment.dataset.lastSeen ?? "0";
    this.#poller = new Poller({
      getUrl: () => `${root.dataset.live}?since=${this.#since}`,
      etag: this.#fragment.dataset.etag,
      apply: (html) => this.#apply(html),
      isActive: () => this.isActive,
      concerns: ({ job }) => job === this.#fragment.dataset.key,
      onSignedOut: showError,
      onGone: () => this.emit("gone", null),
    });
    this.#poller.start();
  }

  get isActive() {
    return ACTIVE.includes(this.#fragment.dataset.state ?? "");
  }

  refresh() {
    return this.#poller.refresh();
  }

  /** @param {string} html */
  #apply(html) {
    const wasFocused = this.#root.contains(document.activeElement);
    const before = this.#fragment.dataset.state;
    const fresh = parseFragment(html);
    const isWhole = this.#since === "0";
    this.#mergeLines(list(fresh, ".segment"), isWhole);
    this.#since = fresh.dataset.lastSeen ?? "0";
    if (isWhole || ACTIVE.includes(fresh.dataset.state ?? "")) this.#mergeReview(fresh);
    morph(this.#fragment, fresh);
    showFailed(this.#fragment.dataset.failed);
    refreshTimes();
    if (wasFocused && document.activeElement === document.body) find(document, "#main").focus();
    this.emit("change", fresh);
    if (this.#fragment.dataset.state !== before) this.#changeState(isWhole);
  }

  /** Review spots come with all lines of a job that has ended, and go when it is tried again. @param {HTMLElement} fresh */
  #mergeReview(fresh) {
    const [old, now] = [this.#fragment, fresh].map((fragment) => find(fragment, "[data-review]"));
    old.replaceChildren(...now.cloneNode(true).childNodes);
  }

  /** Once a job has ended, everything is asked for again: lines may have become visible out of order. @param {boolean} isWhole */
  #changeState(isWhole) {
    announce(`${this.#fragment.dataset.title}: ${this.#fragment.dataset.state}.`);
    if (this.isActive || isWhole) return;
    this.#since = "0";
    this.#poller.etag = "";
    queueMicrotask(() => this.refresh());
  }

  /**
   * @param {Iterable<HTMLElement>} lines
   * @param {boolean} isWhole whether these are all lines, so that others go
   */
  #mergeLines(lines, isWhole) {
    const box = find(this.#fragment, "[data-segments]");
    const keys = new Set();
    for (const line of lines) {
      keys.add(line.id);
      if (!document.getElementById(line.id)) insertByStart(box, line);
    }
    if (!isWhole) return;
    for (const line of listChildren(box)) if (!keys.has(line.id)) line.remove();
  }
}

/**
 * @param {HTMLElement} box
 * @param {HTMLElement} line
 */
function insertByStart(box, line) {
  const start = Number(line.dataset.start);
  const before = listChildren(box).findLast((other) => Number(other.dataset.start) <= start);
  box.insertBefore(line, before ? before.nextElementSibling : box.firstElementChild);
}
