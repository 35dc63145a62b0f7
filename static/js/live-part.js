// Keeps one part of a page as the server has it now, in place.
import { showFailed } from "./failed-count.js";
import { morph } from "./morph.js";
import { Poller } from "./poller.js";
import { showError } from "./say.js";
import { refreshTimes } from "./times.js";

/** Events: `change` after the part was brought up to date. */
export class LivePart extends EventTarget {
  /**
   * @param {HTMLElement} root the element with `data-live`, the address of the part
   * @param {object} [options] what else a Poller is to know
   */
  constructor(root, options = {}) {
    super();
    this.root = root;
    this.part = root.querySelector("[data-live-part]");
    this.poller = new Poller({
      getUrl: () => root.dataset.live,
      etag: this.part.dataset.etag,
      apply: (html) => this.apply(html),
      isActive: () => "active" in this.part.dataset,
      onSignedOut: showError,
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
    morph(this.part, new DOMParser().parseFromString(html, "text/html").querySelector("[data-live-part]"));
    if (this.part.dataset.failed) showFailed(this.part.dataset.failed);
    refreshTimes();
    if (wasFocused && document.activeElement === document.body) document.getElementById("main").focus();
    this.dispatchEvent(new Event("change"));
  }
}
