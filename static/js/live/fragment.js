// Keeps one fragment of a page as the server has it now, in place.
import { find, list, parseFragment } from "../base/dom.js";
import { Emitter } from "../base/events.js";
import { showFailed } from "./failed-count.js";
import { morph } from "../base/morph.js";
import { Poller } from "./poller.js";
import { showError } from "../base/say.js";
import { refreshTimes } from "../base/times.js";

/**
 * Events: `change` after the fragment was brought up to date.
 * @extends {Emitter<{change: null}>}
 */
export class Fragment extends Emitter {
  /** @type {HTMLElement} */
  #root;
  /** @type {HTMLElement} */
  #fragment;
  /** @type {Poller} */
  #poller;

  /**
   * @param {HTMLElement} root the element with `data-live`, the address of the fragment
   * @param {Partial<import("./poller.js").PollerOptions>} [options] what else a Poller is to know
   */
  constructor(root, options = {}) {
    super();
    this.#root = root;
    this.#fragment = find(root, "[data-fragment]");
    this.#poller = new Poller({
      getUrl: () => root.dataset.live ?? "",
      etag: this.#fragment.dataset.etag,
      apply: (html) => this.#apply(html),
      isActive: () => "active" in this.#fragment.dataset,
      onSignedOut: showError,
      onGone: showGone,
      ...options,
    });
    this.#poller.start();
  }

  refresh() {
    return this.#poller.refresh();
  }

  /** @param {string} html */
  #apply(html) {
    const wasFocused = this.#root.contains(document.activeElement);
    morph(this.#fragment, parseFragment(html));
    if (this.#fragment.dataset.failed) showFailed(this.#fragment.dataset.failed);
    if (this.#fragment.dataset.title) document.title = `${this.#fragment.dataset.title} – Transcribe`;
    refreshTimes();
    if (wasFocused && document.activeElement === document.body) find(document, "#main").focus();
    this.emit("change", null);
  }
}

/** Says that what the page shows was deleted, and takes away what can't be done with it any more. */
export function showGone() {
  const focused = document.activeElement;
  find(document, "[data-gone]").hidden = false;
  for (const element of list(document, "[data-while-kept]")) element.hidden = true;
  if (focused?.closest("[hidden]")) find(document, "#main").focus();
}
