// One recording from its first piece to its job: kept in this browser, then sent home; no page, only events.
import { Emitter } from "../base/events.js";
import { downloadRecording } from "../send/recording-download.js";
import { RecordingSender } from "../send/recording-sender.js";

/**
 * @typedef {import("../send/recording-store.js").Store} Store
 * @typedef {import("../send/recording-store.js").Recording} Recording
 * @typedef {{marks: Recording["marks"], losses: Recording["losses"]}} Notes
 */

/**
 * Events: `unkept`, when this browser could not keep something, which is sent from memory then.
 * @extends {Emitter<{unkept: null}>}
 */
export class RecordingSession extends Emitter {
  /** @type {Store} */
  #store;
  /** Resolves once all that came so far is kept, or cannot be. */
  #kept = Promise.resolve();
  /** How much there is of each part. @type {{pieces: number, bytes: number}[]} */
  #counts = [];

  /**
   * @param {Store} store
   * @param {Recording} recording
   */
  constructor(store, recording) {
    super();
    this.#store = store;
    this.recording = recording;
    this.sender = new RecordingSender(store, recording);
  }

  /** Begins to send what is kept, and goes on until all is on the server. */
  send() {
    this.sender.run();
  }

  /** @param {number} part @param {string} mediaType */
  beginPart(part, mediaType) {
    const { parts } = this.recording;
    parts[part] = { isClosed: false };
    this.recording.mediaType ||= mediaType;
    this.#counts[part] = { pieces: 0, bytes: 0 };
    this.#closeParts(parts.slice(0, part));
  }

  /** Not before their last piece is kept: the sender takes what is there then for all there is. @param {Recording["parts"]} parts */
  #closeParts(parts) {
    this.#keep(async () => parts.forEach((part) => (part.isClosed = true)));
  }

  /** First into this browser, then home. @param {import("./recorder.js").Piece} piece */
  keepPiece({ part, blob, seconds }) {
    const { key } = this.recording;
    const { pieces: index, bytes: start } = this.#counts[part];
    this.#counts[part] = { pieces: index + 1, bytes: start + blob.size };
    this.recording.seconds = seconds;
    this.#keep(() => this.#store.addPiece({ key, part, index, start, blob, seconds }));
  }

  /** @param {Notes} notes */
  keepNotes(notes) {
    Object.assign(this.recording, notes);
    this.#keep();
  }

  /** One after the other: what is written down last is what counts. */
  #keep(write = async () => {}) {
    this.#kept = this.#kept
      .then(write)
      .finally(() => this.#store.saveRecording(this.recording))
      .catch(() => this.emit("unkept", null))
      .finally(() => this.sender.wake());
  }

  /**
   * Nothing more comes: what is kept is sent to its end, if there is anything.
   * @param {Notes & {seconds: number}} ending
   * @returns {Promise<boolean>} whether anything was recorded
   */
  async end(ending) {
    Object.assign(this.recording, ending);
    this.#closeParts(this.recording.parts);
    await this.#kept;
    if (!this.#counts.some(({ pieces }) => pieces)) return false;
    if (this.recording.isDiscarded) return true;
    this.recording.isOver = true;
    this.#keep();
    return true;
  }

  /** What there is so far, a file for each part. */
  async download() {
    await this.#kept;
    await downloadRecording(this.#store, this.recording);
  }

  async discard() {
    await this.#kept; // or else a piece would be written after all were removed
    await this.sender.discard();
  }
}
