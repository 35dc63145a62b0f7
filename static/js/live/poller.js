// Asks the server for one part of the page, with its ETag: when the feed tells of something that concerns it, and seldom
// otherwise; again and again while there is no feed. Never while the page is hidden.
import { isMismatched, namePerson, request } from "../base/api.js";
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

export class Poller {
  /**
   * @param {{
   *   getUrl: () => string,
   *   etag: string,
   *   apply: (html: string) => void,
   *   isActive: () => boolean,
   *   concerns?: (event: {job: string, kind: string}) => boolean,
   *   isTold?: boolean,
   *   onSignedOut: (words: string) => void,
   *   onGone?: () => void,
   * }} options `etag` names the state that the page was rendered in; all events
   *   concern a part that does not say which; of one that is not `isTold` the feed knows nothing
   */
  constructor(options) {
    this.options = options;
    this.etag = `"${options.etag}"`;
    this.failures = 0;
    this.timer = 0;
    this.call = new AbortController();
    this.askedAt = 0;
    this.isAsking = false;
    this.isPoked = false;
    this.isGone = false;
  }

  start() {
    feed.addEventListener("job", (event) => (this.options.concerns?.(event.detail) ?? true) && this.poke());
    for (const type of ["hello", "reset", "signed_out"]) feed.addEventListener(type, () => this.poke());
    feed.addEventListener("change", () => (feed.isLive ? this.plan() : this.poke()));
    document.addEventListener("visibilitychange", () => this.wake());
    addEventListener("online", () => this.wake());
    this.plan();
  }

  wake() {
    if (document.hidden) clearTimeout(this.timer);
    else if (!this.isGone) this.refresh();
  }

  /** Asks as soon as may be, once for whatever comes meanwhile; what is under way goes on. */
  poke() {
    this.isPoked = true;
    this.plan();
  }

  plan() {
    if (this.isAsking) return;
    clearTimeout(this.timer);
    if (document.hidden || isMismatched() || this.isGone) return;
    this.timer = setTimeout(() => this.refresh(), this.chooseWait());
  }

  chooseWait() {
    if (this.failures) return Math.min(LONGEST_MS, ACTIVE_MS * 2 ** this.failures);
    if (this.isPoked) return Math.max(0, this.askedAt + POKE_MS - Date.now());
    if (feed.isLive && (this.options.isTold ?? true)) return LIVE_MS;
    return this.options.isActive() ? ACTIVE_MS : IDLE_MS;
  }

  /** Asks now, instead of what is under way; resolves when the page shows the answer. */
  async refresh() {
    clearTimeout(this.timer);
    this.call.abort();
    const call = new AbortController();
    this.call = call;
    this.askedAt = Date.now();
    this.isAsking = true;
    this.isPoked = false;
    const limit = setTimeout(() => call.abort(), LIMIT_MS);
    try {
      await this.fetch(call.signal);
      if (this.call === call) this.succeed();
    } catch (error) {
      if (this.call === call) this.fail(error);
    }
    clearTimeout(limit);
    if (this.call !== call) return;
    this.isAsking = false;
    this.plan();
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    const response = await request(this.options.getUrl(), { headers: { "If-None-Match": this.etag, ...namePerson(findPerson(document)) }, signal });
    if (response.status === 304) return;
    const html = await response.text();
    if (signal.aborted) return;
    this.options.apply(html);
    this.etag = response.headers.get("ETag") ?? "";
  }

  succeed() {
    feed.noteAnswer(this.failures > 0);
    this.note(0);
  }

  /** @param {import("../base/api.js").ApiError} error */
  fail(error) {
    this.isGone = error.status === 404;
    this.note(this.isGone ? 0 : this.failures + 1, !error.status || error.status >= 500);
    if (this.isGone) this.options.onGone?.();
    if (error.status === 401) this.options.onSignedOut(error.message);
  }

  /** @param {number} failures in a row @param {boolean} [isAway] whether no server has answered */
  note(failures, isAway = false) {
    this.failures = failures;
    document.getElementById("offline").hidden = !isAway || failures < 2 || isMismatched();
  }
}
