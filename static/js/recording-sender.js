// Brings a recording home piece by piece, while it is made or later, and finishes it once everything is there.
import { ApiError, deleteRecording, readJson, sendJson } from "./api.js";
import { mergeLosses } from "./losses.js";
import { createUpload, readUpload, sendBytes } from "./tus.js";

const FIRST_WAIT_MS = 1000;
const MOST_WAIT_MS = 15_000;
const MOST_BYTES = 1024 * 1024;
const LEAST_BYTES = 64 * 1024;
/** A part begins and ends with a few milliseconds that codecs add or leave out, and a piece may be cut off. */
const TOLERANCE_SECONDS = 3;

/**
 * Events: `saved` (detail: seconds that are safe on the server), `trouble` (detail: the ApiError; it tries again by
 * itself), `done` (detail: the job; nothing of the recording is kept here any more).
 */
export class RecordingSender extends EventTarget {
  /**
   * @param {Awaited<ReturnType<typeof import("./recording-store.js").openStore>>} store
   * @param {import("./recording-store.js").Recording} recording it may grow while it is sent
   */
  constructor(store, recording) {
    super();
    this.store = store;
    this.recording = recording;
    this.id = null;
    this.suffix = "";
    this.uploads = [];
    this.mostBytes = MOST_BYTES;
    this.toldNotes = "[[],[]]";
    this.isAwake = false;
    this.isStopped = false;
    this.wake = this.wake.bind(this);
  }

  /** Sends until everything is home, or `stop` is called; only one page at a time sends the same recording. */
  run() {
    addEventListener("online", this.wake);
    document.addEventListener("signed-in", this.wake);
    const work = () => this.work();
    this.running ??= (navigator.locks?.request(nameLock(this.recording.key), work) ?? work()).finally(() => {
      removeEventListener("online", this.wake);
      document.removeEventListener("signed-in", this.wake);
    });
    return this.running;
  }

  /** There is more to send, or reason to try again. */
  wake() {
    this.isAwake = true;
    this.alarm?.();
  }

  /** Sends no more, and lets the server forget what is there. */
  async discard() {
    this.isStopped = true;
    this.wake();
    await this.running;
    if (this.id === null) return;
    await deleteRecording(this.id, this.recording.owner).catch(() => {});
  }

  async work() {
    let wait = FIRST_WAIT_MS;
    while (!this.isStopped) {
      this.isAwake = false;
      try {
        const job = await this.sendAll();
        if (job) return await this.end(job);
        wait = FIRST_WAIT_MS;
        await this.rest(Infinity);
      } catch (error) {
        const trouble = explain(error);
        this.mend(trouble);
        this.tell("trouble", trouble);
        await this.rest(wait);
        wait = Math.min(2 * wait, MOST_WAIT_MS);
      }
    }
    return null;
  }

  /** @param {any} job */
  async end(job) {
    await this.store.remove(this.recording.key).catch(() => {}); // the next visit finds it finished
    this.tell("done", job);
    return job;
  }

  /** Waits until it is woken, or so long. @param {number} milliseconds */
  async rest(milliseconds) {
    if (this.isAwake) return;
    await new Promise((resolve) => {
      this.alarm = resolve;
      if (milliseconds < Infinity) setTimeout(resolve, milliseconds);
    });
  }

  /** Learns from what went wrong, for the next try. @param {ApiError} error */
  mend(error) {
    if (error.status === 413 && error.code === "http_413") this.mostBytes = Math.max(LEAST_BYTES, this.mostBytes / 2);
    // Where the server is not where this page thought it was, it is asked anew; its uploads may be gone altogether.
    if (error.code === "other_person") return; // nothing is wrong but who is signed in
    if (error.status === 409 || error.status === 404) this.uploads = [];
    if (error.status === 404 || error.code === "recording_closed") this.id = null;
  }

  async sendAll() {
    const finished = await this.open();
    if (finished) return finished;
    const { isOver } = this.recording;
    for (let part = 0; part < this.recording.parts.length; part += 1) await this.sendPart(part);
    await this.sendNotes();
    return isOver ? this.finish() : null;
  }

  /** @returns {Promise<{id: string} | null>} the job, where the recording turns out to be finished */
  async open() {
    if (this.id !== null) return null;
    const { key, title, language, seconds, isOver } = this.recording;
    const response = await this.post("recordings/", { key: key + this.suffix, title, language });
    const found = await readJson(response);
    if (found.state === "ready") {
      if (found.duration === null) throw new ApiError("recording_not_joined", "The server still works on it.", 0);
      if (isOver && found.job && found.duration >= seconds - TOLERANCE_SECONDS) return { id: found.job };
      // It was finished elsewhere without what is still here, which is sent as a recording of its own: nothing is lost.
      this.suffix += "+";
      return this.open();
    }
    this.id = found.id;
    return null;
  }

  /** @param {number} part */
  async sendPart(part) {
    const upload = (this.uploads[part] ??= { url: null, offset: 0, position: 0, next: 0, isClosed: false });
    if (upload.isClosed) return;
    const { isClosed } = this.recording.parts[part]; // before its pieces are listed: what comes meanwhile is sent later
    if (upload.url === null) await this.begin(upload, part);
    for (const piece of await this.store.listPieces(this.recording.key, part, upload.next)) {
      const rest = piece.blob.slice(Math.max(0, upload.offset - upload.position));
      await this.sendPiece(upload, rest);
      upload.position += piece.blob.size;
      upload.next = piece.index + 1;
      this.tell("saved", piece.seconds);
    }
    if (isClosed) await this.close(upload);
  }

  async begin(upload, part) {
    const person = this.recording.owner;
    const url = await createUpload({ recording: this.id, part, filename: `part-${part}` }, { person });
    const { offset } = await readUpload(url, person);
    Object.assign(upload, { url, offset });
  }

  async sendPiece(upload, blob) {
    for (let sent = 0; sent < blob.size; ) {
      const slice = blob.slice(sent, sent + this.mostBytes);
      ({ offset: upload.offset } = await sendBytes(upload.url, slice, upload.offset, { person: this.recording.owner }));
      sent += slice.size;
    }
  }

  async close(upload) {
    const { offset } = upload;
    await sendBytes(upload.url, new Blob([]), offset, { person: this.recording.owner, length: offset });
    upload.isClosed = true;
  }

  /** Tells marks and losses as soon as there are some: they too are to survive a crash. */
  async sendNotes() {
    const { marks, isOver } = this.recording;
    const losses = mergeLosses(this.recording.losses);
    const notes = JSON.stringify([marks, losses]);
    if (notes === this.toldNotes || isOver) return;
    await this.post(`recordings/${this.id}/`, { marks, losses }, "PATCH");
    this.toldNotes = notes;
  }

  async finish() {
    const { parts, title, language, marks, losses } = this.recording;
    const ending = { parts: parts.length, title, language, marks, losses: mergeLosses(losses) };
    const response = await this.post(`recordings/${this.id}/finish/`, ending);
    return readJson(response);
  }

  /**
   * @param {string} path
   * @param {object} body
   */
  post(path, body, method = "POST") {
    return sendJson(path, body, { person: this.recording.owner, method });
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
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
