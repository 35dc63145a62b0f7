// Records the microphone, the sound of a tab, or both: no page, only events. Every piece is handed out as it comes.
import { Emitter } from "../base/events.js";
import { mergeLosses } from "../send/losses.js";
import { SoundWatch } from "./sound-watch.js";

/** Formats in the order of preference; Safari before 18.4 records only the last. */
const FORMATS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const TICK_MS = 200;
const SLICE_MS = 2000;
const LAST_PIECE_MS = 5000;
/** That many ticks without a piece are ten seconds: the browser's recorder has stopped working. */
const STALLED_TICKS = 50;
/** A recorder that gives up so soon after it began will give up again. */
const SOON_MS = 10_000;

/** @typedef {"insecure" | "unsupported" | "denied" | "missing" | "busy" | "soundless"} Reason */

/** Why there is no recording. */
export class RecorderError extends Error {
  /** @param {Reason} reason */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** @type {Record<string, Reason>} */
const REASONS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
};
/** @type {Source} */
const MICROPHONE = { kind: "microphone", deviceId: "" };

/**
 * @typedef {{kind: "microphone" | "screen" | "both", deviceId: string}} Source
 * @typedef {{part: number, blob: Blob, seconds: number}} Piece
 * @typedef {{seconds: number, cause: "stopped" | "limit"}} Ending
 */

/**
 * Events: `tick` (detail: seconds so far, without pauses), `alarm` (detail: "silence", "muted", "clipped", "lost",
 * "replaced", "suspended", "stalled", "restarted", "failed" or ""), `part` (another stream begins; detail: its number),
 * `piece`, `end`.
 *
 * @extends {Emitter<{tick: number, alarm: string, part: number, piece: Piece, end: Ending}>}
 */
export class Recorder extends Emitter {
  /** @type {"idle" | "recording" | "paused" | "ending"} */
  state = "idle";
  /** @type {MediaRecorder | undefined} */
  media;
  /** @type {Input | undefined} */
  input;
  /** When the stream of this part began, in milliseconds of the page. */
  begunAt = 0;
  ticksWithoutPiece = 0;
  /** @type {number} */
  #limitSeconds;
  #watch = new SoundWatch();
  #source = MICROPHONE;
  #part = -1;
  /** Seconds recorded until the last pause. */
  #before = 0;
  /** Since when it records, in milliseconds of the page; null in a pause. @type {number | null} */
  #runningSince = null;
  #isLost = false;
  #timer = 0;
  /** Resolves once the stream of this part has ended. @type {Promise<unknown>} */
  #ended = Promise.resolve();

  /** @param {{limitSeconds: number}} options */
  constructor({ limitSeconds }) {
    super();
    this.#limitSeconds = limitSeconds;
  }

  get isRecording() {
    return this.state === "recording" || this.isPaused;
  }

  get isPaused() {
    return this.state === "paused";
  }

  get mediaType() {
    return this.media?.mimeType ?? "";
  }

  /** Seconds recorded so far, without pauses. @returns {number} */
  get seconds() {
    return this.#before + (this.#runningSince === null ? 0 : (performance.now() - this.#runningSince) / 1000);
  }

  /** @returns {import("../send/losses.js").Loss[]} what could not be heard */
  get losses() {
    const losses = mergeLosses(this.#watch.losses);
    return losses.map((loss) => ({ ...loss, start: round(loss.start), seconds: round(loss.seconds) }));
  }

  /**
   * Asks for the sound and records; when that fails, it is let go again.
   * @param {Source} source
   * @throws {RecorderError | DOMException}
   */
  async start(source = MICROPHONE) {
    this.#reset(source);
    this.input = await openInput(source);
    try {
      this.#record(this.input);
    } catch (error) {
      this.#letGo();
      throw error;
    }
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** @param {Source} source */
  #reset(source) {
    this.#source = source;
    this.#watch = new SoundWatch();
    this.#part = -1;
    this.#before = 0;
    this.#runningSince = null;
  }

  /** Begins a stream of its own: the last one's header would not fit what follows. @param {Input} input */
  #record(input) {
    const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
    const part = this.#part + 1;
    this.media = new MediaRecorder(input.stream, mimeType ? { mimeType } : {});
    this.#follow(this.media, part);
    input.whenLost(() => this.#lose());
    this.media.start(SLICE_MS);
    this.#part = part;
    this.#isLost = false;
    this.ticksWithoutPiece = 0;
    this.begunAt = performance.now();
    this.#goOn();
    this.emit("part", part);
    this.#tick();
  }

  /** @param {MediaRecorder} media @param {number} part */
  #follow(media, part) {
    media.addEventListener("dataavailable", ({ data }) => this.#handOut(part, data));
    media.addEventListener("error", () => this.#restart(media));
    media.addEventListener("stop", () => this.#restart(media));
    this.#ended = new Promise((resolve) => media.addEventListener("stop", resolve, { once: true }));
  }

  #goOn() {
    this.state = "recording";
    this.#runningSince = performance.now();
  }

  /** @param {number} part @param {Blob} blob */
  #handOut(part, blob) {
    if (!blob.size) return;
    if (this.ticksWithoutPiece >= STALLED_TICKS) this.emit("alarm", this.#watch.alarm);
    this.ticksWithoutPiece = 0;
    this.emit("piece", { part, blob, seconds: this.seconds });
  }

  /** What is quiet or muted has an alarm of its own, and may give no pieces. */
  #noticeStall() {
    this.ticksWithoutPiece += 1;
    if (this.ticksWithoutPiece === STALLED_TICKS && !this.#watch.alarm) this.emit("alarm", "stalled");
  }

  /**
   * The browser's recorder gave up by itself: begins again with the same sound, unless that is gone or it did so just now.
   * @param {MediaRecorder} media
   */
  async #restart(media) {
    if (media !== this.media || this.state !== "recording") return;
    const { input } = this;
    if (!input?.isLive) {
      await this.#lose();
      return;
    }
    const start = this.seconds;
    const isHopeless = performance.now() - this.begunAt < SOON_MS;
    await this.endPart();
    this.#watch.losses.push({ start, seconds: 0, reason: "interrupted" });
    if (media !== this.media || !this.isPaused) return; // it was stopped or changed meanwhile
    if (!isHopeless) this.#record(input);
    this.emit("alarm", isHopeless ? "failed" : "restarted");
  }

  #tick() {
    if (this.seconds >= this.#limitSeconds) {
      this.stop("limit");
      return;
    }
    if (this.state === "recording" && this.input) {
      this.#listen(this.input);
      this.#noticeStall();
    }
    this.emit("tick", this.seconds);
  }

  /** @param {Input} input */
  #listen(input) {
    const { level, clock, isMuted } = input.measure();
    const moment = { now: performance.now() / 1000, seconds: this.seconds, soundClock: clock, level, isMuted };
    const { alarm: before, naps } = this.#watch;
    const alarm = this.#watch.listen(moment);
    if (this.#watch.naps > naps) this.emit("alarm", "suspended");
    else if (alarm !== before) this.emit("alarm", alarm);
  }

  /** @returns {number} the loudness of this moment, 0 to 1 */
  readLevel() {
    return this.state === "recording" && this.input ? this.input.measure().level : 0;
  }

  pause() {
    if (this.state !== "recording") return;
    this.media?.pause();
    this.#halt();
  }

  resume() {
    if (!this.isPaused) return;
    if (!this.media || this.media.state === "inactive" || this.#isLost) {
      this.change(this.#source, { goesOn: true }).catch(() => this.emit("alarm", "lost"));
      return;
    }
    this.media.resume();
    this.#goOn();
    this.emit("tick", this.seconds);
  }

  #halt() {
    this.#before = this.seconds;
    this.#runningSince = null;
    this.state = "paused";
    this.#watch.forget();
    this.emit("tick", this.seconds);
  }

  /**
   * Takes another sound; the old one is kept until the new one is there. What was paused stays so.
   * @param {Source} source
   * @param {{goesOn?: boolean}} options
   * @throws {RecorderError | DOMException}
   */
  async change(source, { goesOn = this.state === "recording" } = {}) {
    const input = await openInput(source);
    await this.endPart();
    if (!this.isRecording) {
      input.close(); // it was stopped meanwhile
      return;
    }
    this.#letGo();
    this.input = input;
    this.#source = source;
    this.#record(input);
    if (!goesOn) this.pause();
    this.emit("alarm", "");
  }

  /** The microphone went away: goes on with another if there is one, otherwise waits until the alarm is seen. */
  async #lose() {
    this.#isLost = true;
    if (this.state !== "recording") return; // after a pause another one is opened anyway
    if (this.media?.state === "recording") this.media.pause(); // what else is recorded waits too
    const start = this.seconds;
    const lostAt = performance.now();
    this.#halt();
    this.emit("alarm", "lost");
    try {
      await this.change(MICROPHONE, { goesOn: true });
      this.emit("alarm", "replaced");
    } catch {
      // the alarm stays
    }
    this.#watch.losses.push({ start, seconds: (performance.now() - lostAt) / 1000, reason: "microphone_lost" });
  }

  /** Ends the stream of the part and waits for its last piece, whatever else has ended it; a dead recorder hands out none. */
  async endPart() {
    if (this.state === "recording") this.#halt();
    if (this.media && this.media.state !== "inactive") this.media.stop();
    await Promise.race([this.#ended, new Promise((resolve) => setTimeout(resolve, LAST_PIECE_MS))]);
  }

  /** @param {"stopped" | "limit"} cause */
  async stop(cause = "stopped") {
    if (!this.isRecording) return;
    clearInterval(this.#timer);
    if (this.state === "recording") this.#halt();
    this.state = "ending";
    await this.endPart();
    this.#letGo();
    this.state = "idle";
    this.emit("end", { seconds: this.seconds, cause });
  }

  #letGo() {
    this.input?.close();
  }
}

/** @param {number} seconds */
function round(seconds) {
  return Math.round(seconds * 100) / 100;
}

/** What is recorded: one stream, out of one or two, with a meter beside it. */
class Input {
  /** @type {MediaStreamTrack[]} */
  tracks;
  /** What a MediaRecorder takes. @type {MediaStream} */
  stream;
  #isClosed = false;
  /** @type {MediaStream[]} */
  #streams;
  #sound = new AudioContext();
  /** @type {AnalyserNode} */
  #meter;
  /** @type {Float32Array<ArrayBuffer>} */
  #samples;

  /** @param {MediaStream[]} streams */
  constructor(streams) {
    this.#streams = streams;
    this.tracks = streams.flatMap((stream) => stream.getAudioTracks());
    try {
      this.#meter = this.#sound.createAnalyser();
      this.#meter.fftSize = 2048;
      this.#samples = new Float32Array(this.#meter.fftSize);
      this.stream = this.#connect(streams);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @param {MediaStream[]} streams */
  #connect(streams) {
    const sources = streams.map((stream) => this.#sound.createMediaStreamSource(stream));
    for (const source of sources) source.connect(this.#meter);
    if (streams.length === 1) return new MediaStream(streams[0].getAudioTracks());
    const mixed = this.#sound.createMediaStreamDestination();
    for (const source of sources) source.connect(mixed);
    return mixed.stream;
  }

  /** @param {() => void} act called once, when one of the tracks ends by itself */
  whenLost(act) {
    for (const track of this.tracks) track.addEventListener("ended", () => this.#isClosed || act(), { once: true });
  }

  /** Whether all of it is still there. */
  get isLive() {
    return this.tracks.every((track) => track.readyState === "live");
  }

  measure() {
    this.#meter.getFloatTimeDomainData(this.#samples);
    const level = this.#samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    return { level, clock: this.#sound.currentTime, isMuted: this.tracks.some((track) => track.muted) };
  }

  close() {
    this.#isClosed = true;
    this.#streams.forEach(endTracks);
    this.#sound.close();
  }
}

/** @param {MediaStream} stream */
function endTracks(stream) {
  stream.getTracks().forEach((track) => track.stop());
}

/** @param {Source} source @returns {Promise<Input>} */
async function openInput({ kind, deviceId }) {
  if (!window.isSecureContext) throw new RecorderError("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) throw new RecorderError("unsupported");
  /** @type {MediaStream[]} */
  const streams = [];
  try {
    if (kind !== "microphone") streams.push(await openScreen());
    if (kind !== "screen") streams.push(await openMicrophone(deviceId));
    return new Input(streams);
  } catch (error) {
    streams.forEach(endTracks);
    throw explain(error);
  }
}

/** @param {unknown} error @returns {RecorderError} */
function explain(error) {
  if (error instanceof RecorderError) return error;
  return new RecorderError((error instanceof Error && REASONS[error.name]) || "busy");
}

/** A device that is gone is replaced by the one that the system prefers. @param {string} deviceId */
function openMicrophone(deviceId) {
  return navigator.mediaDevices.getUserMedia({ audio: deviceId ? { deviceId: { ideal: deviceId } } : true });
}

/** Browsers share sound only together with a picture, which is of no use here. */
async function openScreen() {
  const shared = await navigator.mediaDevices.getDisplayMedia({ audio: true, video: true });
  shared.getVideoTracks().forEach((track) => track.stop());
  const [track] = shared.getAudioTracks();
  if (!track) throw new RecorderError("soundless");
  return new MediaStream([track]);
}
