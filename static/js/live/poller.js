// Asks the server for one fragment of the page, with its ETag: when the feed has something that concerns it, and seldom
// otherwise; again and again while there is no feed. Never while the page is hidden.
import { find } from "../base/dom.js";
import { ApiError, isMismatched, namePerson, request } from "../base/api.js";
import { feed } from "./feed.js";
import { findPerson } from "../base/person.js";

const ACTIVE_MS = 1500;
const IDLE_MS = 8000;
const LONGEST_MS = 30_000;
/** While the feed is live, which tells of everything: should it ever miss something, that shows all the same. */
const LIVE_MS = 60_000;
/** Events come in bursts; so much lies between two questions. */
const POKE_MS = 300;
/** A connection may be dead without a word; the next question gets another. */
const LIMIT_MS = 10_000;

/**
 * `etag` names the state that the page was rendered in; all events concern a fragment that does not say which; the feed
 * has nothing of one that is not `isInFeed`.
 * @typedef {{
 *   getUrl: () => string,
 *   etag: string | undefined,
 *   apply: (html: string) => void,
 *   isActive: () => boolean,
 *   concerns?: (event: import("./feed.js").JobMessage) => boolean,
 *   isInFeed?: boolean,
 *   onSignedOut: (words: string) => void,
 *   onGone?: () => void,
 * }} PollerOptions
 */

export class Poller {
  /** @type {PollerOptions} */
  #options;
  /** @type {string} */
  etag;
  #failures = 0;
  #timer = 0;
  #call = new AbortController();
  #askedAt = 0;
  #isAsking = false;
  #isPoked = false;
  #isGone = false;

  /** @param {PollerOptions} options */
  constructor(options) {
    this.#options = options;
    this.etag = `"${options.etag}"`;
  }

  start() {
    feed.on("job", (message) => (this.#options.concerns?.(message) ?? true) && this.#poke());
    feed.on("hello", () => this.#poke());
    feed.on("reset", () => this.#poke());
    feed.on("signed_out", () => this.#poke());
    feed.on("change", () => (feed.isLive ? this.#plan() : this.#poke()));
    document.addEventListener("visibilitychange", () => this.#wake());
    addEventListener("online", () => this.#wake());
    this.#plan();
  }

  #wake() {
    if (document.hidden) clearTimeout(this.#timer);
    else if (!this.#isGone) this.refresh();
  }

  /** Asks as soon as may be, once for whatever comes meanwhile; what is under way goes on. */
  #poke() {
    this.#isPoked = true;
    this.#plan();
  }

  #plan() {
    if (this.#isAsking) return;
    clearTimeout(this.#timer);
    if (document.hidden || isMismatched() || this.#isGone) return;
    this.#timer = setTimeout(() => this.refresh(), this.#chooseWait());
  }

  #chooseWait() {
    if (this.#failures) return Math.min(LONGEST_MS, ACTIVE_MS * 2 ** this.#failures);
    if (this.#isPoked) return Math.max(0, this.#askedAt + POKE_MS - Date.now());
    if (feed.isLive && (this.#options.isInFeed ?? true)) return LIVE_MS;
    return this.#options.isActive() ? ACTIVE_MS : IDLE_MS;
  }

  /** Asks now, instead of what is under way; resolves when the page shows the answer. */
  async refresh() {
    clearTimeout(this.#timer);
    this.#call.abort();
    const call = new AbortController();
    this.#call = call;
    this.#askedAt = Date.now();
    this.#isAsking = true;
    this.#isPoked = false;
    const limit = setTimeout(() => call.abort(), LIMIT_MS);
    try {
      await this.#fetch(call.signal);
      if (this.#call === call) this.#succeed();
    } catch (error) {
      if (this.#call === call) this.#fail(error);
    }
    clearTimeout(limit);
    if (this.#call !== call) return;
    this.#isAsking = false;
    this.#plan();
  }

  /** @param {AbortSignal} signal */
  async #fetch(signal) {
    const response = await request(this.#options.getUrl(), { headers: { "If-None-Match": this.etag, ...namePerson(findPerson(document)) }, signal });
    if (response.status === 304) return;
    const html = await response.text();
    if (signal.aborted) return;
    this.#options.apply(html);
    this.etag = response.headers.get("ETag") ?? "";
  }

  #succeed() {
    feed.noteAnswer(this.#failures > 0);
    this.#note(0);
  }

  /** @param {unknown} problem */
  #fail(problem) {
    const error = problem instanceof ApiError ? problem : new ApiError("browser_failed", String(problem));
    this.#isGone = error.status === 404;
    this.#note(this.#isGone ? 0 : this.#failures + 1, !error.status || error.status >= 500);
    if (this.#isGone) this.#options.onGone?.();
    if (error.status === 401) this.#options.onSignedOut(error.message);
  }

  /** @param {number} failures in a row @param {boolean} [isAway] whether no server has answered */
  #note(failures, isAway = false) {
    this.#failures = failures;
    find(document, "#offline").hidden = !isAway || failures < 2 || isMismatched();
  }
}
