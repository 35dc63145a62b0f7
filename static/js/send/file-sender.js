// Sends one file in pieces; goes on by itself after a broken connection, a restarted server, a new sign-in or a reload.
import { SIGNED_IN, subscribe } from "../base/events.js";
import { ApiError, isMismatched } from "../base/api.js";
import { listHeldLocks } from "../base/locks.js";
import { readPerson } from "../base/person.js";
import { createUpload, readUpload, removeUpload, sendBytes } from "./tus.js";

/** What a broken connection may cost: a piece is kept once all of it is there. */
const MOST_BYTES = 2 * 1024 * 1024;
const LEAST_BYTES = 64 * 1024;
const FIRST_WAIT_MS = 1000;
const MOST_WAIT_MS = 15_000;
/** What may be right at the next try; everything else is told at once. */
const PASSING = new Set([0, 401, 408, 409, 423, 425, 429, 460, 500, 502, 503, 504]);
const REMEMBERED = "transcribe-upload";

/**
 * An upload that an earlier visit began and did not end; it goes on once the same file is chosen again.
 * @typedef {{memory: string, url: string, name: string, size: number}} Begun
 */

/** @returns {Promise<Begun[]>} those of whoever is signed in, without what another page is sending */
export async function listBegun() {
  const held = await listHeldLocks();
  const mine = Object.keys(localStorage).filter((memory) => memory.startsWith(`${REMEMBERED}:${readPerson()}:`));
  const begun = mine.filter((memory) => !held.has(memory));
  return begun.map((memory) => ({ memory, ...JSON.parse(localStorage.getItem(memory) ?? "{}") }));
}

/** Gives up what was begun. @param {Begun} begun */
export function forgetBegun({ memory, url }) {
  localStorage.removeItem(memory);
  removeUpload(url, readPerson()).catch(() => {});
}

/**
 * @param {Begun} begun
 * @returns {Promise<number | null>} how many bytes are there; null where it has ended or expired, and is forgotten
 */
export async function measureBegun({ memory, url }) {
  try {
    const { offset, jobId } = await readUpload(url, readPerson());
    if (jobId === null) return offset;
  } catch (error) {
    if (!isGone(error)) return 0;
  }
  localStorage.removeItem(memory);
  return null;
}

/** @param {unknown} error */
function isGone(error) {
  return error instanceof ApiError && error.status === 404;
}

export class FileSender {
  /** @type {File} */
  #file;
  /** @type {string} */
  #language;
  /** @type {{progress: (bytes: number) => void, waiting: (words: string) => void}} */
  #view;
  #person = readPerson();
  /** @type {string | null} */
  #url = null;
  #mostBytes = MOST_BYTES;
  #stop = new AbortController();
  /** @type {(() => void) | undefined} */
  #alarm;

  /**
   * @param {File} file
   * @param {string} language
   * @param {{progress: (bytes: number) => void, waiting: (words: string) => void}} view
   */
  constructor(file, language, view) {
    this.#file = file;
    this.#language = language;
    this.#view = view;
    this.wake = () => this.#alarm?.();
  }

  /** Where the same file was being sent before the page was loaded anew. */
  get memory() {
    const { name, size, lastModified } = this.#file;
    return [REMEMBERED, this.#person, name, size, lastModified, this.#language].join(":");
  }

  /**
   * @returns {Promise<string | null>} the id of its job, null when it was cancelled
   * @throws {ApiError} it is refused for good
   */
  async send() {
    addEventListener("online", this.wake);
    const unsubscribe = subscribe(SIGNED_IN, this.wake);
    const work = () => this.#sendPersistently();
    try {
      return await (navigator.locks?.request(this.memory, work) ?? work());
    } finally {
      removeEventListener("online", this.wake);
      unsubscribe();
    }
  }

  async #sendPersistently() {
    let wait = FIRST_WAIT_MS;
    while (!this.#stop.signal.aborted) {
      try {
        return await this.#sendRest();
      } catch (error) {
        if (this.#stop.signal.aborted) break;
        if (!(error instanceof ApiError) || !this.#mayPass(error)) throw error;
        this.#view.waiting(error.message);
        await this.#rest(wait);
        wait = Math.min(2 * wait, MOST_WAIT_MS);
      }
    }
    return null;
  }

  /** @param {ApiError} error */
  #mayPass(error) {
    if (error.status === 413 && error.code === "http_413" && this.#mostBytes > LEAST_BYTES) {
      this.#mostBytes /= 2; // a proxy takes no more at once
      return true;
    }
    if (error.status === 404 && this.#url) {
      this.#forget(); // it expired meanwhile
      return true;
    }
    return PASSING.has(error.status);
  }

  async #sendRest() {
    const person = this.#person;
    const { signal } = this.#stop;
    const begun = await this.#find();
    const { url } = begun;
    let { offset, jobId } = begun;
    signal.throwIfAborted();
    this.#view.progress(offset);
    while (offset < this.#file.size || jobId === null) {
      const piece = this.#file.slice(offset, offset + this.#mostBytes);
      const start = offset;
      const onProgress = (/** @type {number} */ bytes) => this.#view.progress(start + bytes);
      ({ offset, jobId } = await sendBytes(url, piece, offset, { person, onProgress, signal }));
      signal.throwIfAborted();
    }
    localStorage.removeItem(this.memory);
    return jobId;
  }

  /** @returns {Promise<{url: string, offset: number, jobId: string | null}>} */
  async #find() {
    this.#url ??= JSON.parse(localStorage.getItem(this.memory) ?? "{}").url ?? null;
    if (this.#url) {
      try {
        return { url: this.#url, ...(await readUpload(this.#url, this.#person)) };
      } catch (error) {
        if (!isGone(error)) throw error;
        this.#forget();
      }
    }
    if (isMismatched()) throw new ApiError("version_mismatch", "Reload the page, then upload this file again.", 400);
    const { name, size } = this.#file;
    const url = await createUpload({ filename: name, language: this.#language }, { person: this.#person, length: size });
    this.#url = url;
    if (this.#stop.signal.aborted) this.cancel(); // while it was being made
    this.#stop.signal.throwIfAborted();
    localStorage.setItem(this.memory, JSON.stringify({ url, name, size }));
    return { url, offset: 0, jobId: null };
  }

  #forget() {
    localStorage.removeItem(this.memory);
    this.#url = null;
  }

  /** @param {number} milliseconds */
  #rest(milliseconds) {
    return new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
      this.#alarm = resolve;
      setTimeout(resolve, milliseconds);
    });
  }

  cancel() {
    this.#stop.abort();
    this.wake();
    const url = this.#url;
    this.#forget();
    if (url) removeUpload(url, this.#person).catch(() => {});
  }
}
