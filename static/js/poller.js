// Asks the server again and again for one part of the page: with its ETag, slower when nothing goes on, not while hidden.
import { isMismatched, request } from "./api.js";

const ACTIVE_MS = 1500;
const IDLE_MS = 8000;
const LONGEST_MS = 30_000;

export class Poller {
  /**
   * @param {{
   *   getUrl: () => string,
   *   etag: string,
   *   apply: (html: string) => void,
   *   isActive: () => boolean,
   *   onSignedOut: (words: string) => void,
   * }} options `etag` names the state that the page was rendered in
   */
  constructor(options) {
    this.options = options;
    this.etag = `"${options.etag}"`;
    this.failures = 0;
    this.timer = 0;
    this.call = new AbortController();
  }

  start() {
    document.addEventListener("visibilitychange", () => this.wake());
    addEventListener("online", () => this.wake());
    this.plan();
  }

  wake() {
    if (document.hidden) clearTimeout(this.timer);
    else this.refresh();
  }

  plan() {
    clearTimeout(this.timer);
    if (document.hidden || isMismatched()) return;
    const pace = this.options.isActive() ? ACTIVE_MS : IDLE_MS;
    const wait = this.failures ? Math.min(LONGEST_MS, ACTIVE_MS * 2 ** this.failures) : pace;
    this.timer = setTimeout(() => this.refresh(), wait);
  }

  /** Asks now, instead of what is under way; resolves when the page shows the answer. */
  async refresh() {
    clearTimeout(this.timer);
    this.call.abort();
    this.call = new AbortController();
    const { signal } = this.call;
    try {
      await this.fetch(signal);
      this.note(0);
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    }
    if (!signal.aborted) this.plan();
  }

  /** @param {AbortSignal} signal */
  async fetch(signal) {
    const response = await request(this.options.getUrl(), { headers: { "If-None-Match": this.etag }, signal });
    if (response.status === 304) return;
    const html = await response.text();
    if (signal.aborted) return;
    this.options.apply(html);
    this.etag = response.headers.get("ETag") ?? "";
  }

  /** @param {import("./api.js").ApiError} error */
  fail(error) {
    this.note(this.failures + 1);
    if (error.status === 401) this.options.onSignedOut(error.message);
  }

  /** @param {number} failures in a row */
  note(failures) {
    this.failures = failures;
    document.getElementById("offline").hidden = failures < 2 || isMismatched();
  }
}
