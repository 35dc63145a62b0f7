// One connection to the stream of events: notices when it has died, however quietly, and connects again where it was.

export const SILENCE_MS = 12_000;
export const CHECK_MS = 2000;
const SOONEST_MS = 500;
const LATEST_MS = 8000;
/** Where there is no stream at all, as under a server that cannot hold one open, it is tried now and then. */
const GIVEN_UP_AFTER = 6;
const RARELY_MS = 60_000;
const TYPES = ["hello", "job", "heartbeat", "reset", "signed_out", "version_mismatch"];

export class EventStream {
  /**
   * @param {{
   *   getUrl: () => string,
   *   take: (message: {type: string}) => void,
   *   lose: () => void,
   * }} options `take` gets each message; `lose` is called whenever there is no connection any more
   */
  constructor(options) {
    this.options = options;
    this.source = null;
    this.failures = 0;
    this.retryTimer = 0;
    this.watchTimer = 0;
    this.heardAt = 0;
  }

  open() {
    this.close();
    this.heardAt = Date.now();
    this.source = new EventSource(this.options.getUrl());
    for (const type of TYPES) this.source.addEventListener(type, (event) => this.take(event));
    // It would come back by itself, but not from an error of HTTP, and not at a pace of ours.
    this.source.addEventListener("error", () => this.fail());
    // By the clock on the wall, as others stand still while a laptop sleeps.
    this.watchTimer = setInterval(() => this.check(), CHECK_MS);
  }

  close() {
    clearInterval(this.watchTimer);
    clearTimeout(this.retryTimer);
    this.retryTimer = 0;
    this.source?.close();
    this.source = null;
  }

  /** @param {MessageEvent} event */
  take(event) {
    if (event.target !== this.source) return;
    this.heardAt = Date.now();
    this.failures = 0;
    const message = JSON.parse(event.data);
    this.options.take(message);
    // The server would say the same again until somebody has signed in.
    if (message.type === "signed_out") this.fail(RARELY_MS);
  }

  /** Connects anew if nothing was heard for too long; after a clock was set back it has been long as well. */
  check() {
    const silence = Date.now() - this.heardAt;
    if (this.source && (silence > SILENCE_MS || silence < -CHECK_MS)) this.fail(0);
  }

  /** Tries again at once what failed before: the network is back, or somebody has signed in. */
  retry() {
    if (!this.source && this.retryTimer) this.open();
  }

  /** @param {number} [wait] milliseconds until the next try */
  fail(wait = this.choosePause()) {
    this.close();
    this.failures += 1;
    this.retryTimer = setTimeout(() => this.open(), wait);
    this.options.lose();
  }

  choosePause() {
    if (this.failures >= GIVEN_UP_AFTER) return RARELY_MS;
    const longest = Math.min(LATEST_MS, SOONEST_MS * 2 ** this.failures);
    return longest / 2 + (Math.random() * longest) / 2;
  }
}
