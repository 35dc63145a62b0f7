// Brings a recording home piece by piece, while it is made or later, and finishes it once everything is there.
import { Emitter, SIGNED_IN, subscribe } from "../base/events.js";
import { ApiError, deleteRecording, readJson, sendJson } from "../base/api.js";
import { mergeLosses } from "./losses.js";
import { cutHead } from "./stream-head.js";
import { createUpload, readUpload, sendBytes } from "./tus.js";

const FIRST_WAIT_MS = 1000;
const MOST_WAIT_MS = 15_000;
const MOST_BYTES = 1024 * 1024;
const LEAST_BYTES = 64 * 1024;
/** A part begins and ends with a few milliseconds that codecs add or leave out, and a piece may be cut off. */
const TOLERANCE_SECONDS = 3;
/** How the server refuses to begin a recording: there was none. */
const REFUSALS = [400, 413, 507];
const NOTHING = new Blob([]);

/**
 * An upload of a part: `start` is where in the part it begins, `head` what is repeated before that.
 * @typedef {{part: number, number: number, url: string | null, offset: number, start: number, head: Blob,
 *   position: number, next: number, seconds: number, isClosed: boolean}} Upload
 * @typedef {{id: string}} Ended the job of a recording that is all there
 */

/**
 * Events: `saved` (detail: seconds that are safe on the server), `trouble` (detail: the ApiError; it tries again by
 * itself), `done` (detail: the job; nothing of the recording is kept here any more).
 *
 * @extends {Emitter<{saved: number, trouble: ApiError, done: Ended}>}
 */
export class RecordingSender extends Emitter {
  /** @type {import("./recording-store.js").Store} */
  store;
  /** @type {import("./recording-store.js").Recording} */
  recording;
  /** The id that the server gave the recording. @type {string | null} */
  id = null;
  /** @type {Upload[]} */
  uploads = [];
  #suffix = "";
  #mostBytes = MOST_BYTES;
  #sentNotes = "[[],[]]";
  isAwake = false;
  /** @type {Promise<Ended | null> | undefined} */
  running;
  /** @type {Promise<void> | undefined} */
  #cleared;
  /** @type {(() => void) | undefined} */
  #alarm;

  /**
   * @param {import("./recording-store.js").Store} store
   * @param {import("./recording-store.js").Recording} recording it may grow while it is sent
   */
  constructor(store, recording) {
    super();
    this.store = store;
    this.recording = recording;
    this.wake = this.wake.bind(this);
  }

  /** Sends until everything is home or `discard` is done; resolves to the job, or null. Only one page at a time sends the same recording. */
  run() {
    addEventListener("online", this.wake);
    const unsubscribe = subscribe(SIGNED_IN, this.wake);
    this.running ??= this.#workAlone().finally(() => {
      removeEventListener("online", this.wake);
      unsubscribe();
    });
    return this.running;
  }

  /** @returns {Promise<Ended | null>} */
  async #workAlone() {
    const work = () => this.#work();
    return await (navigator.locks?.request(nameLock(this.recording.key), work) ?? work());
  }

  /** There is more to send, or reason to try again. */
  wake() {
    this.isAwake = true;
    this.#alarm?.();
  }

  /**
   * Sends no more, and resolves once nothing of it is in this browser. The server is told as soon as it can be reached;
   * until then a row without sound reminds the next visit of it.
   */
  discard() {
    this.recording.isDiscarded = true;
    this.#cleared = this.#clear();
    this.wake();
    this.run();
    return this.#cleared;
  }

  async #clear() {
    await this.store.remove(this.recording.key);
    await this.store.saveRecording(this.recording);
  }

  /** @returns {Promise<Ended | null>} */
  async #work() {
    let wait = FIRST_WAIT_MS;
    while (true) {
      this.isAwake = false;
      try {
        if (this.recording.isDiscarded) return await this.#forget();
        const job = await this.#sendAll();
        if (this.recording.isDiscarded) continue;
        if (job) return await this.#end(job);
        wait = FIRST_WAIT_MS;
        await this.#rest(Infinity);
      } catch (error) {
        const trouble = explain(error);
        this.#mend(trouble);
        this.#notify("trouble", trouble);
        await this.#rest(wait);
        wait = Math.min(2 * wait, MOST_WAIT_MS);
      }
    }
  }

  /** Lets the server forget what this page has sent there, and what an earlier visit has not finished. */
  async #forget() {
    await this.#cleared?.catch(() => {}); // whoever discards it is told
    const id = this.id ?? (await this.#findBegun());
    if (id !== null) await deleteRecording(id, this.recording.owner).catch(rethrowUnlessGone);
    await this.store.remove(this.recording.key).catch(() => {}); // the next visit tries again
    return null;
  }

  /** @returns {Promise<string | null>} where the server has it unfinished; asking makes one where there was none */
  async #findBegun() {
    try {
      const found = await readJson(await this.#post("recordings/", { key: this.recording.key + this.#suffix }));
      return found.state === "receiving" ? found.id : null;
    } catch (error) {
      if (error instanceof ApiError && REFUSALS.includes(error.status)) return null;
      throw error;
    }
  }

  /** @param {Ended} job */
  async #end(job) {
    await this.store.remove(this.recording.key).catch(() => {}); // the next visit finds it finished
    this.#notify("done", job);
    return job;
  }

  /** Waits until it is woken, or so long. @param {number} milliseconds */
  async #rest(milliseconds) {
    if (this.isAwake) return;
    await new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
      this.#alarm = resolve;
      if (milliseconds < Infinity) setTimeout(resolve, milliseconds);
    });
  }

  /** Learns from what went wrong, for the next try. @param {ApiError} error */
  #mend(error) {
    if (error.status === 413 && error.code === "http_413") this.#mostBytes = Math.max(LEAST_BYTES, this.#mostBytes / 2);
    if (error.code === "other_person") return; // nothing is wrong but who is signed in
    // Where the server is not where this page thought it was, it is asked anew; its uploads may be gone altogether.
    if (error.status === 409 || error.status === 404) this.uploads = [];
    if (error.status === 404 || error.code === "recording_closed") this.id = null;
  }

  async #sendAll() {
    const finished = await this.#open();
    if (finished) return finished;
    const { isOver } = this.recording;
    let count = 0;
    for (let part = 0; part < this.recording.parts.length; part += 1) count = (await this.#sendPart(part, count)) + 1;
    if (this.recording.isDiscarded) return null;
    await this.#sendNotes();
    return isOver ? this.finish(count) : null;
  }

  /** @returns {Promise<{id: string} | null>} the job, where the recording turns out to be finished */
  async #open() {
    if (this.id !== null) return null;
    const { key, title, language, seconds, isOver } = this.recording;
    const response = await this.#post("recordings/", { key: key + this.#suffix, title, language });
    const found = await readJson(response);
    if (found.state === "ready") {
      if (found.duration === null) throw new ApiError("recording_not_joined", "The server still works on it.", 0);
      if (isOver && found.job && found.duration >= seconds - TOLERANCE_SECONDS) return { id: found.job };
      // It was finished elsewhere without what is still here, which is sent as a recording of its own: nothing is lost.
      this.#suffix += "+";
      return this.#open();
    }
    this.id = found.id;
    return null;
  }

  /**
   * @param {number} part
   * @param {number} number of the upload that it begins with; what follows a gap is an upload of its own
   * @returns {Promise<number>} that of the one it ends with
   */
  async #sendPart(part, number) {
    const upload = (this.uploads[part] ??= describeUpload(part, number));
    if (upload.isClosed) return upload.number;
    const { isClosed } = this.recording.parts[part]; // before its pieces are listed: what comes meanwhile is sent later
    await this.#begin(upload);
    for (const piece of await this.store.listPieces(this.recording.key, part, upload.next)) {
      if (this.recording.isDiscarded) return upload.number;
      await this.#sendKept(upload, piece);
    }
    if (isClosed) {
      await this.#sendLength(upload);
      upload.isClosed = true;
    }
    return upload.number;
  }

  /** @param {Upload} upload @param {import("./recording-store.js").Piece} piece */
  async #sendKept(upload, piece) {
    const start = piece.start ?? upload.position; // format 1 did not tell
    if (start > findEnd(upload)) await this.#skipGap(upload, start);
    await this.sendPiece(upload, piece.blob.slice(Math.max(0, findEnd(upload) - start)));
    upload.position = start + piece.blob.size;
    upload.next = piece.index + 1;
    upload.seconds = piece.seconds;
    this.#notify("saved", piece.seconds);
  }

  /** What was kept in memory alone went with the page: glued together the rest would be no stream, so it gets a head. @param {Upload} upload @param {number} start */
  async #skipGap(upload, start) {
    this.#noteLoss({ start: upload.seconds, seconds: 0, reason: "interrupted" });
    const { key, mediaType } = this.recording;
    const [first] = await this.store.listPieces(key, upload.part);
    const head = first?.start === 0 ? await cutHead(first.blob, mediaType) : NOTHING;
    await this.#sendLength(upload);
    Object.assign(upload, describeUpload(upload.part, upload.number + 1), { start, head });
    await this.#begin(upload);
  }

  /** @param {{start: number, seconds: number, reason: string}} loss */
  #noteLoss(loss) {
    const { losses } = this.recording;
    if (!losses.some(({ start, reason }) => start === loss.start && reason === loss.reason)) losses.push(loss);
  }

  /** Makes sure that the server has the upload and its head; what was tried and failed goes on here. @param {Upload} upload */
  async #begin(upload) {
    if (upload.url === null) await this.#find(upload);
    if (upload.offset < upload.head.size) await this.sendPiece(upload, upload.head.slice(upload.offset));
  }

  /** @param {Upload} upload */
  async #find(upload) {
    const person = this.recording.owner;
    const { number } = upload;
    const url = await createUpload({ recording: this.id ?? "", part: number, filename: `part-${number}` }, { person });
    const { offset } = await readUpload(url, person);
    Object.assign(upload, { url, offset });
  }

  /** @param {Upload} upload @param {Blob} blob */
  async sendPiece(upload, blob) {
    for (let sent = 0; sent < blob.size; ) {
      const slice = blob.slice(sent, sent + this.#mostBytes);
      ({ offset: upload.offset } = await sendBytes(upload.url ?? "", slice, upload.offset, { person: this.recording.owner }));
      sent += slice.size;
    }
  }

  /** Ends an upload where it is. @param {Upload} upload */
  async #sendLength(upload) {
    const { offset } = upload;
    await sendBytes(upload.url ?? "", NOTHING, offset, { person: this.recording.owner, length: offset });
  }

  /** Marks and losses are sent as soon as there are some: they too are to survive a crash. */
  async #sendNotes() {
    const { marks, isOver } = this.recording;
    const losses = mergeLosses(this.recording.losses);
    const notes = JSON.stringify([marks, losses]);
    if (notes === this.#sentNotes || isOver) return;
    await this.#post(`recordings/${this.id}/`, { marks, losses }, "PATCH");
    this.#sentNotes = notes;
  }

  /** @param {number} parts how many uploads there are */
  async finish(parts) {
    const { title, language, marks, losses } = this.recording;
    const ending = { parts, title, language, marks, losses: mergeLosses(losses) };
    const response = await this.#post(`recordings/${this.id}/finish/`, ending);
    return readJson(response);
  }

  /**
   * @param {string} path
   * @param {object} body
   * @param {string} method
   */
  #post(path, body, method = "POST") {
    return sendJson(path, body, { person: this.recording.owner, method });
  }

  /**
   * @template {"saved" | "trouble" | "done"} Name
   * @param {Name} name
   * @param {{saved: number, trouble: ApiError, done: Ended}[Name]} detail
   */
  #notify(name, detail) {
    if (!this.recording.isDiscarded) this.emit(name, detail);
  }
}

/** @param {number} part @param {number} number @returns {Upload} */
function describeUpload(part, number) {
  const empty = { url: null, offset: 0, start: 0, head: NOTHING, position: 0, next: 0, seconds: 0, isClosed: false };
  return { part, number, ...empty };
}

/** @param {Upload} upload @returns {number} up to which byte of the part the server has it */
function findEnd(upload) {
  return upload.start + Math.max(0, upload.offset - upload.head.size);
}

/** @param {ApiError} error */
function rethrowUnlessGone(error) {
  if (error.status !== 404) throw error;
}

/** What else goes wrong is the browser's doing, such as storage that it closed; that too may pass. @param {unknown} error */
function explain(error) {
  if (error instanceof ApiError) return error;
  console.error(error);
  return new ApiError("browser_failed", "The browser could not read what it keeps.");
}

/** @param {string} key @returns {string} the lock that whoever makes or sends a recording holds */
export function nameLock(key) {
  return `recording-${key}`;
}
