// Keeps the list of job cards true: changes cards in place, moves them without a jump, announces each new state once.
import { find, listChildren, parseFragment } from "../base/dom.js";
import { showFailed } from "./failed-count.js";
import { morph } from "../base/morph.js";
import { Poller } from "./poller.js";
import { announce, showError } from "../base/say.js";
import { refreshTimes } from "../base/times.js";

const MOVE_MS = 220;
const SHOW_MS = 5000;
const AGAIN_MS = 500;

/** @typedef {HTMLElement & {moveBefore?: (node: Node, child: Node | null) => void}} MovableParent */

export class CardList {
  /** @type {HTMLElement} */
  #fragment;
  /** @type {HTMLElement} */
  #cards;
  /** The keys of the cards, in their order. @type {string[]} */
  #wanted;
  /** @type {Set<string>} */
  #announced;
  /** @type {Poller} */
  #poller;

  /** @param {HTMLElement} root the element with `data-live` */
  constructor(root) {
    this.#fragment = find(root, "[data-fragment]");
    this.#cards = find(root, "[data-cards]");
    this.#wanted = this.#listKeys(this.#cards);
    this.#announced = new Set(listChildren(this.#cards).map(nameState));
    this.#poller = new Poller({
      getUrl: () => root.dataset.live ?? "",
      etag: this.#fragment.dataset.etag,
      apply: (html) => this.#apply(html),
      isActive: () => this.#fragment.dataset.active !== "0",
      onSignedOut: showError,
    });
    this.#cards.addEventListener("pointerleave", () => this.#order());
    this.#poller.start();
  }

  /** @param {Element} cards */
  #listKeys(cards) {
    return listChildren(cards).map(readKey);
  }

  refresh() {
    return this.#poller.refresh();
  }

  /**
   * Fetches the list until a job's card is in it, and focuses that.
   * @param {string} key the job's id
   * @returns {Promise<boolean>} whether its card is in this list; a list that cannot be fetched for a while says no
   */
  async show(key) {
    const end = Date.now() + SHOW_MS;
    while (!this.find(key) && Date.now() < end) {
      await this.refresh();
      if (!this.find(key)) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
    const card = this.find(key);
    if (!card) return false;
    this.#order();
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest", behavior: "smooth" });
    return true;
  }

  /** @param {string} key */
  find(key) {
    return document.getElementById(`job-${key}`);
  }

  /** @param {string} html */
  #apply(html) {
    const fresh = parseFragment(html);
    const cards = find(fresh, "[data-cards]");
    const focused = document.activeElement?.closest("[data-key]");
    this.#wanted = this.#listKeys(cards);
    morph(this.#fragment, fresh);
    listChildren(cards).forEach((card) => this.#put(card));
    this.#removeOthers();
    if (!this.#cards.matches(":hover")) this.#order();
    if (focused instanceof HTMLElement && document.activeElement === document.body) this.#refocus(focused);
    showFailed(this.#fragment.dataset.failed);
    refreshTimes();
  }

  /** @param {HTMLElement} fresh */
  #put(fresh) {
    const old = this.find(readKey(fresh));
    const name = nameState(fresh);
    if (old && !this.#announced.has(name)) announce(`${fresh.dataset.title}: ${fresh.dataset.state}.`);
    this.#announced.add(name);
    if (old) morph(old, fresh);
    else this.#insert(fresh);
  }

  /** Those that stay where they are keep their place. @param {HTMLElement} card */
  #insert(card) {
    const after = this.#wanted.slice(this.#wanted.indexOf(readKey(card)) + 1);
    const next = after.map((key) => this.find(key)).find(Boolean);
    this.#cards.insertBefore(card, next ?? null);
  }

  #removeOthers() {
    for (const card of listChildren(this.#cards)) {
      if (!this.#wanted.includes(readKey(card))) card.remove();
    }
  }

  /** Brings the cards into order; what moves, glides. */
  #order() {
    const ordered = this.#wanted.flatMap((key) => this.find(key) ?? []);
    if (ordered.every((card, index) => this.#cards.children[index] === card)) return;
    const before = new Map(ordered.map((card) => [card, card.getBoundingClientRect()]));
    const focused = document.activeElement;
    ordered.forEach((card, index) => {
      const there = this.#cards.children[index];
      if (there === card) return;
      move(this.#cards, card, there);
    });
    if (focused instanceof HTMLElement && focused !== document.activeElement) focused.focus({ preventScroll: true });
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) before.forEach(glide);
  }

  /** @param {HTMLElement} lost the card in which the focus was */
  #refocus(lost) {
    const card = this.find(readKey(lost)) ?? listChildren(this.#cards)[0];
    (card ?? find(document, "#main")).focus({ preventScroll: true });
  }
}

/** What is moved keeps its state, where the browser can do so. @param {MovableParent} parent @param {Element} card @param {Element} there */
function move(parent, card, there) {
  if (parent.moveBefore) parent.moveBefore(card, there);
  else parent.insertBefore(card, there);
}

/** @param {HTMLElement} card */
function readKey(card) {
  return card.dataset.key ?? "";
}

/** @param {HTMLElement} card */
function nameState(card) {
  return `${card.dataset.key} ${card.dataset.state}`;
}

/**
 * @param {DOMRect} from where the card was
 * @param {HTMLElement} card
 */
function glide(from, card) {
  const to = card.getBoundingClientRect();
  if (from.left === to.left && from.top === to.top) return;
  const shift = `translate(${from.left - to.left}px, ${from.top - to.top}px)`;
  card.animate([{ transform: shift }, { transform: "none" }], { duration: MOVE_MS, easing: "ease-out" });
}
