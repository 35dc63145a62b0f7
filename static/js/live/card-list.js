// Keeps the list of job cards true: changes cards in place, moves them without a jump, announces each new state once.
import { showFailed } from "./failed-count.js";
import { morph } from "../base/morph.js";
import { Poller } from "./poller.js";
import { announce, showError } from "../base/say.js";
import { refreshTimes } from "../base/times.js";

const MOVE_MS = 220;
const SHOW_MS = 5000;
const AGAIN_MS = 500;

export class CardList {
  /** @param {HTMLElement} root the element with `data-live` */
  constructor(root) {
    this.root = root;
    this.part = root.querySelector("[data-fragment]");
    this.cards = root.querySelector("[data-cards]");
    this.wanted = this.listKeys(this.cards);
    this.announced = new Set([...this.cards.children].map(nameState));
    this.poller = new Poller({
      getUrl: () => root.dataset.live,
      etag: this.part.dataset.etag,
      apply: (html) => this.apply(html),
      isActive: () => this.part.dataset.active !== "0",
      onSignedOut: showError,
    });
    this.cards.addEventListener("pointerleave", () => this.order());
    this.poller.start();
  }

  /** @param {Element} cards */
  listKeys(cards) {
    return [...cards.children].map((card) => card.dataset.key);
  }

  refresh() {
    return this.poller.refresh();
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
    this.order();
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest", behavior: "smooth" });
    return true;
  }

  /** @param {string} key */
  find(key) {
    return document.getElementById(`job-${key}`);
  }

  /** @param {string} html */
  apply(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-fragment]");
    const cards = fresh.querySelector("[data-cards]");
    const focused = document.activeElement?.closest?.("[data-key]");
    this.wanted = this.listKeys(cards);
    morph(this.part, fresh);
    [...cards.children].forEach((card) => this.put(card));
    this.removeOthers();
    if (!this.cards.matches(":hover")) this.order();
    if (focused && document.activeElement === document.body) this.refocus(focused);
    showFailed(this.part.dataset.failed);
    refreshTimes();
  }

  /** @param {HTMLElement} fresh */
  put(fresh) {
    const old = this.find(fresh.dataset.key);
    const name = nameState(fresh);
    if (old && !this.announced.has(name)) announce(`${fresh.dataset.title}: ${fresh.dataset.state}.`);
    this.announced.add(name);
    if (old) morph(old, fresh);
    else this.insert(fresh);
  }

  /** Puts a new card into its place; those that stay where they are keep theirs. */
  insert(card) {
    const after = this.wanted.slice(this.wanted.indexOf(card.dataset.key) + 1);
    const next = after.map((key) => this.find(key)).find(Boolean);
    this.cards.insertBefore(card, next ?? null);
  }

  removeOthers() {
    for (const card of [...this.cards.children]) {
      if (!this.wanted.includes(card.dataset.key)) card.remove();
    }
  }

  /** Brings the cards into order; what moves, glides. */
  order() {
    const places = this.wanted.map((key) => this.find(key));
    if (places.every((card, index) => this.cards.children[index] === card)) return;
    const before = new Map(places.map((card) => [card, card.getBoundingClientRect()]));
    const focused = document.activeElement;
    places.forEach((card, index) => {
      const there = this.cards.children[index];
      if (there === card) return;
      if (this.cards.moveBefore) this.cards.moveBefore(card, there);
      else this.cards.insertBefore(card, there);
    });
    if (focused !== document.activeElement) focused.focus({ preventScroll: true });
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) before.forEach(glide);
  }

  /** @param {HTMLElement} lost the card in which the focus was */
  refocus(lost) {
    const card = this.find(lost.dataset.key) ?? this.cards.firstElementChild;
    (card ?? document.getElementById("main")).focus({ preventScroll: true });
  }
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
