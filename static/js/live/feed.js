// What happens to the jobs of whoever is signed in, as it happens; all tabs of a browser share one connection.
import { Emitter, SIGNED_IN, subscribe, VERSION_MISMATCH } from "../base/events.js";
import { findAddress, isMismatched, noteMismatch, readMeta } from "../base/api.js";
import { CHECK_MS, EventStream, SILENCE_MS } from "./event-stream.js";
import { findPerson } from "../base/person.js";

/** A tab that holds the connection and says nothing for so long is frozen; another takes over. */
const FROZEN_MS = 15_000;
const AGAIN_MS = 1000;
/** So seldom a stream that says otherwise is told that somebody is signed in. */
const WELCOME_MS = 10_000;

/**
 * @typedef {{type: string, id: string, kind: string, state: string, job: string, title: string}} JobMessage
 * @typedef {{type: string, id?: string, version?: string, problem?: object}} Message of the server, or of another tab
 */

/**
 * Events: each type of message of the server (detail: the message), and `change` when `isLive` has changed.
 *
 * The tab that holds a lock has the connection, and hands on what comes to the others. Each knows what it saw last, so
 * whichever comes next goes on from there.
 * @extends {Emitter<{change: null, job: JobMessage, hello: {version: string}, reset: Message, signed_out: Message}>}
 */
class Feed extends Emitter {
  isLive = false;
  isLeader = false;
  lastId = "";
  /** @type {Message | null} */
  hello = null;
  heardAt = 0;
  leaderSeenAt = Date.now();
  /** @type {AbortController | null} */
  standing = null;
  isSignedOut = false;
  welcomedAt = 0;
  name = "";
  /** @type {BroadcastChannel | undefined} */
  channel;
  /** @type {((value?: undefined) => void) | undefined} */
  resign;

  constructor() {
    super();
    this.stream = new EventStream({
      getUrl: () => this.buildUrl(),
      take: (message) => this.share(message),
      lose: () => this.share({ type: "lost" }),
    });
  }

  start() {
    // Tabs of another version have a connection of their own: the server may refuse them.
    this.name = `transcribe-feed ${findPerson(document)} ${readMeta("frontend-version")}`;
    this.channel = new BroadcastChannel(this.name);
    this.channel.addEventListener("message", (event) => this.hear(event.data));
    this.join();
    addEventListener("pagehide", () => this.leave());
    addEventListener("pageshow", (event) => event.persisted && this.join());
    addEventListener("online", () => this.stream.retry());
    subscribe(SIGNED_IN, () => this.welcome());
    subscribe(VERSION_MISMATCH, () => this.leave());
    document.addEventListener("visibilitychange", () => this.look());
    setInterval(() => this.check(), CHECK_MS);
  }

  join() {
    if (this.standing || isMismatched()) return;
    this.standing = new AbortController();
    this.leaderSeenAt = Date.now();
    if (navigator.locks) this.stand({});
    else this.look();
    this.channel?.postMessage({ type: "asked" });
  }

  leave() {
    this.standing?.abort();
    this.standing = null;
    this.resign?.();
    this.isLeader = false;
    this.stream.close();
    this.setLive(false);
  }

  /** Waits for its turn to have the connection, and again when it was taken away. @param {{steal?: boolean}} options */
  async stand({ steal }) {
    const { standing } = this;
    if (!standing) return;
    const options = steal ? { steal } : { signal: standing.signal };
    try {
      await navigator.locks.request(this.name, options, () => this.lead(standing));
    } catch {
      // stolen, or no longer wanted
    }
    if (standing !== this.standing) return;
    this.isLeader = false;
    this.stream.close();
    // Not at once: where locks are refused it would go on for ever without a pause.
    setTimeout(() => this.standing === standing && this.stand({}), AGAIN_MS);
  }

  /** @param {AbortController} standing */
  lead(standing) {
    if (standing !== this.standing) return undefined;
    this.isLeader = true;
    this.stream.open();
    return new Promise((/** @type {(value?: undefined) => void} */ resolve) => (this.resign = resolve));
  }

  /** Browsers without locks, which is where there is no https, allow few connections: a tab that is hidden has none. */
  look() {
    if (navigator.locks || !this.standing) this.check();
    else if (document.hidden) this.stream.close();
    else if (!this.stream.source) this.stream.open();
    this.stream.check();
  }

  /** Somebody has signed in again; the tab that holds the connection may be another one. */
  welcome() {
    this.stream.retry();
    this.channel?.postMessage({ type: "signed_in" });
  }

  /** A server has answered, and to whom the page was made for: what failed before need not wait. @param {boolean} wasAway */
  noteAnswer(wasAway) {
    if (this.isLive || !(wasAway || this.isSignedOut) || Date.now() - this.welcomedAt < WELCOME_MS) return;
    this.welcomedAt = Date.now();
    this.welcome();
  }

  buildUrl() {
    const query = new URLSearchParams({ version: readMeta("frontend-version"), person: encodeURIComponent(findPerson(document)) });
    if (this.lastId) query.set("last_event_id", this.lastId);
    return `${findAddress("events/")}?${query}`;
  }

  /** @param {Message} message from the server, for all tabs */
  share(message) {
    this.channel?.postMessage(message);
    this.take(message);
  }

  /** @param {Message} message from another tab */
  hear(message) {
    if (message.type === "asked") {
      if (this.isLeader && this.isLive) this.channel?.postMessage({ ...this.hello, id: this.lastId || undefined });
      return;
    }
    this.leaderSeenAt = Date.now();
    if (message.type === "alive") return;
    if (message.type === "signed_in") {
      this.stream.retry();
      return;
    }
    // Where each tab has a connection of its own, nothing of another's is news.
    if (navigator.locks) this.take(message);
  }

  /** @param {Message} message */
  take(message) {
    if (message.type === "lost") return this.setLive(false);
    if (message.type === "job" && !isAfter(message.id ?? "", this.lastId)) return undefined;
    this.lastId = message.id ?? this.lastId;
    this.heardAt = Date.now();
    if (message.type === "hello") this.hello = message;
    if (message.type === "version_mismatch") noteMismatch(message.problem ?? {});
    this.isSignedOut = message.type === "signed_out";
    this.setLive(!["signed_out", "version_mismatch"].includes(message.type));
    this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
    return undefined;
  }

  check() {
    const now = Date.now();
    if (now - this.heardAt > SILENCE_MS) this.setLive(false);
    // Or the others would take it for frozen.
    if (this.isLeader && !this.isLive) this.channel?.postMessage({ type: "alive" });
    const isFrozen = now - this.leaderSeenAt > FROZEN_MS && !this.isLeader;
    if (!isFrozen || document.hidden || !this.standing || !navigator.locks) return;
    this.leaderSeenAt = now;
    this.standing?.abort();
    this.standing = new AbortController();
    this.stand({ steal: true });
  }

  /** @param {boolean} isLive */
  setLive(isLive) {
    if (this.isLive === isLive) return;
    this.isLive = isLive;
    this.emit("change", null);
  }
}

/**
 * @param {string} id of an event: transaction, number, and time
 * @param {string} other "" for none
 */
export function isAfter(id, other) {
  const [transaction, number] = id.split(".").map(Number);
  const [before, last] = other ? other.split(".").map(Number) : [-1, -1];
  return transaction > before || (transaction === before && number > last);
}

export const feed = new Feed();
if (findPerson(document)) feed.start();
