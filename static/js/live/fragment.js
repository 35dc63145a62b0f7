// Keeps one part of a page as the server has it now, in place.
import { showFailed } from "./failed-count.js";
import { morph } from "../base/morph.js";
import { Poller } from "./poller.js";
import { showError } from "../base/say.js";
import { refreshTimes } from "../base/times.js";

/** Events: `change` after the part was brought up to date. */
export class Fragment extends EventTarget {
  /**
   * @param {HTMLElement} root the element with `data-live`, the address of the part
   * @param {object} [options] what else a Poller is to know
   */
  constructor(root, options = {}) {
    super();
    this.root = root;
    this.part = root.querySelector("[data-fragment]");
    this.poller = new Poller({
      getUrl: () => root.dataset.live,
      etag: this.part.dataset.etag,
      apply: (html) => this.apply(html),
      isActive: () => "active" in this.part.dataset,
      onSignedOut: showError,
      onGone: showGone,
      ...options,
    });
    this.poller.start();
  }

  refresh() {
    return this.poller.refresh();
  }

  /** @param {string} html */
  apply(html) {
    const wasFocused = this.root.contains(document.activeElement);
    morph(this.part, new DOMParser().parseFromString(html, "text/html").querySelector("[data-fragment]"));
    if (this.part.dataset.failed) showFailed(this.part.dataset.failed);
    if (this.part.dataset.title) document.title = `${this.part.dataset.title} – Transcribe`;
    refreshTimes();
    if (wasFocused && document.activeElement === document.body) document.getElementById("main").focus();
    this.dispatchEvent(new Event("change"));
  }
}

/** Says that what the page shows was deleted, and takes away what can't be done with it any more. */
export function showGone() {
  const focused = document.activeElement;
  document.querySelector("[data-gone]").hidden = false;
  for (const element of document.querySelectorAll("[data-while-kept]")) element.hidden = true;
  if (focused.closest("[hidden]")) document.getElementById("main").focus();
}
