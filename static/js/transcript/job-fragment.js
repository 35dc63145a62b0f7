// Keeps the job page true while the job runs: its state, and each line of text as soon as there is one.
import { showFailed } from "../live/failed-count.js";
import { morph } from "../base/morph.js";
import { Poller } from "../live/poller.js";
import { announce, showError } from "../base/say.js";
import { refreshTimes } from "../base/times.js";

const ACTIVE = ["pending", "processing"];

/** Events: `change` after the page was brought up to date (detail: the part as the server sent it), `gone` when there is none. */
export class JobFragment extends EventTarget {
  /** @param {HTMLElement} root the element with `data-live` */
  constructor(root) {
    super();
    this.root = root;
    this.part = root.querySelector("[data-fragment]");
    this.since = this.part.dataset.lastSeen;
    this.poller = new Poller({
      getUrl: () => `${root.dataset.live}?since=${this.since}`,
      etag: this.part.dataset.etag,
      apply: (html) => this.apply(html),
      isActive: () => this.isActive,
      concerns: ({ job }) => job === this.part.dataset.key,
      onSignedOut: showError,
      onGone: () => this.dispatchEvent(new Event("gone")),
    });
    this.poller.start();
  }

  get isActive() {
    return ACTIVE.includes(this.part.dataset.state);
  }

  refresh() {
    return this.poller.refresh();
  }

  /** @param {string} html */
  apply(html) {
    const wasFocused = this.root.contains(document.activeElement);
    const before = this.part.dataset.state;
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-fragment]");
    const isWhole = this.since === "0";
    this.mergeLines(fresh.querySelectorAll(".segment"), isWhole);
    this.since = fresh.dataset.lastSeen;
    if (isWhole || ACTIVE.includes(fresh.dataset.state)) this.mergeReview(fresh);
    morph(this.part, fresh);
    showFailed(this.part.dataset.failed);
    refreshTimes();
    if (wasFocused && document.activeElement === document.body) document.getElementById("main").focus();
    this.dispatchEvent(new CustomEvent("change", { detail: fresh }));
    if (this.part.dataset.state !== before) this.changeState(isWhole);
  }

  /** Doubtful places come with all lines of a job that has ended, and go when it is tried again. @param {HTMLElement} fresh */
  mergeReview(fresh) {
    const [old, now] = [this.part, fresh].map((part) => part.querySelector("[data-review]"));
    old.replaceChildren(...now.cloneNode(true).childNodes);
  }

  /** Once a job has ended, everything is asked for again: lines may have become visible out of order. */
  changeState(isWhole) {
    announce(`${this.part.dataset.title}: ${this.part.dataset.state}.`);
    if (this.isActive || isWhole) return;
    this.since = "0";
    this.poller.etag = "";
    queueMicrotask(() => this.refresh());
  }

  /**
   * @param {Iterable<HTMLElement>} lines
   * @param {boolean} isWhole whether these are all lines, so that others go
   */
  mergeLines(lines, isWhole) {
    const box = this.part.querySelector("[data-segments]");
    const keys = new Set();
    for (const line of lines) {
      keys.add(line.id);
      if (!document.getElementById(line.id)) insertByStart(box, line);
    }
    if (!isWhole) return;
    for (const line of [...box.children]) if (!keys.has(line.id)) line.remove();
  }
}

/**
 * @param {HTMLElement} box
 * @param {HTMLElement} line
 */
function insertByStart(box, line) {
  let before = box.lastElementChild;
  while (before && Number(before.dataset.start) > Number(line.dataset.start)) before = before.previousElementSibling;
  box.insertBefore(line, before ? before.nextElementSibling : box.firstElementChild);
}
