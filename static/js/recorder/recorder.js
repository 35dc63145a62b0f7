// Records the microphone, the sound of a tab, or both: no page, only events. Every piece is handed out as it comes.
import { mergeLosses } from "../send/losses.js";
import { SoundWatch } from "./sound-watch.js";

/** Formats in the order of preference; Safari before 18.4 records only the last. */
const FORMATS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const TICK_MS = 200;
const SLICE_MS = 2000;
const LAST_PIECE_MS = 5000;
/** So many ticks without a piece are ten seconds: the browser's recorder has stopped working. */
const STALLED_TICKS = 50;
/** A recorder that gives up so soon after it began will give up again. */
const SOON_MS = 10_000;

/** Why there is no recording; `reason` is insecure, unsupported, denied, missing, busy or soundless. */
export class RecorderError extends Error {
  /** @param {string} reason */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

const REASONS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
};

/**
 * Events: `tick` (detail: seconds so far, without pauses), `alarm` (detail: "silence", "muted", "clipped", "lost",
 * "replaced", "suspended", "stalled", "restarted", "failed" or ""),
 * `part` (another stream begins; detail: its number), `piece` (detail: {part, blob, seconds}), `end` (detail: {seconds,
 * cause}), where the cause is "stopped" or "limit".
 *
 * @typedef {{kind: "microphone" | "screen" | "both", deviceId: string}} Source
 */
export class Recorder extends EventTarget {
  /** @param {{limitSeconds: number}} options */
  constructor({ limitSeconds }) {
    super();
    this.limitSeconds = limitSeconds;
    this.watch = new SoundWatch();
    this.state = "idle";
  }

  get isRecording() {
    return this.state === "recording" || this.state === "paused";
  }

  get mediaType() {
    return this.media?.mimeType ?? "";
  }

  /** Seconds recorded so far, without pauses. */
  get seconds() {
    return this.before + (this.runningSince === null ? 0 : (performance.now() - this.runningSince) / 1000);
  }

  /** @returns {{start: number, seconds: number, reason: string}[]} what could not be heard */
  get losses() {
    const losses = mergeLosses(this.watch.losses);
    return losses.map((loss) => ({ ...loss, start: round(loss.start), seconds: round(loss.seconds) }));
  }

  /**
   * Asks for the sound and records; when that fails, it is let go again.
   * @param {Source} source
   * @throws {RecorderError | DOMException}
   */
  async start(source = { kind: "microphone", deviceId: "" }) {
    Object.assign(this, { before: 0, runningSince: null, part: -1, cause: "", watch: new SoundWatch(), source });
    this.input = await openInput(source);
    try {
      this.record();
    } catch (error) {
      this.letGo();
      throw error;
    }
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  /** Begins a stream of its own: the last one's header would not fit what follows. */
  record() {
    const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
    const part = this.part + 1;
    this.media = new MediaRecorder(this.input.stream, mimeType ? { mimeType } : {});
    this.follow(this.media, part);
    this.input.whenLost(() => this.lose());
    this.media.start(SLICE_MS);
    this.part = part;
    this.isLost = false;
    this.ticksWithoutPiece = 0;
    this.state = "recording";
    this.runningSince = performance.now();
    this.begunAt = performance.now();
    this.tell("part", part);
    this.tick();
  }

  /** @param {MediaRecorder} media @param {number} part */
  follow(media, part) {
    media.addEventListener("dataavailable", ({ data }) => this.handOut(part, data));
    media.addEventListener("error", () => this.restart(media));
    media.addEventListener("stop", () => this.restart(media));
    this.ended = new Promise((resolve) => media.addEventListener("stop", resolve, { once: true }));
  }

  handOut(part, blob) {
    if (!blob.size) return;
    if (this.ticksWithoutPiece >= STALLED_TICKS) this.tell("alarm", this.watch.alarm);
    this.ticksWithoutPiece = 0;
    this.tell("piece", { part, blob, seconds: this.seconds });
  }

  /** What is quiet or muted has an alarm of its own, and may give no pieces. */
  noticeStall() {
    this.ticksWithoutPiece += 1;
    if (this.ticksWithoutPiece === STALLED_TICKS && !this.watch.alarm) this.tell("alarm", "stalled");
  }

  /** The browser's recorder gave up by itself: begins anew with the same sound, unless that is gone or it did so just now. */
  async restart(media) {
    if (media !== this.media || this.state !== "recording") return;
    if (!this.input.isLive) {
      await this.lose();
      return;
    }
    const start = this.seconds;
    const isHopeless = performance.now() - this.begunAt < SOON_MS;
    await this.endPart();
    this.watch.losses.push({ start, seconds: 0, reason: "interrupted" });
    if (media !== this.media || this.state !== "paused") return; // somebody was quicker
    if (!isHopeless) this.record();
    this.tell("alarm", isHopeless ? "failed" : "restarted");
  }

  tick() {
    if (this.seconds >= this.limitSeconds) {
      this.stop("limit");
      return;
    }
    if (this.state === "recording") {
      this.listen();
      this.noticeStall();
    }
    this.tell("tick", this.seconds);
  }

  listen() {
    const { level, clock, isMuted } = this.input.measure();
    const moment = { now: performance.now() / 1000, seconds: this.seconds, soundClock: clock, level, isMuted };
    const { alarm: before, naps } = this.watch;
    const alarm = this.watch.listen(moment);
    if (this.watch.naps > naps) this.tell("alarm", "suspended");
    else if (alarm !== before) this.tell("alarm", alarm);
  }

  /** @returns {number} the loudness of this moment, 0 to 1 */
  readLevel() {
    return this.state === "recording" ? this.input.measure().level : 0;
  }

  pause() {
    if (this.state !== "recording") return;
    this.media.pause();
    this.halt("paused");
  }

  resume() {
    if (this.state !== "paused") return;
    if (this.media.state === "inactive" || this.isLost) {
      this.change(this.source, { goesOn: true }).catch(() => this.tell("alarm", "lost"));
      return;
    }
    this.media.resume();
    this.state = "recording";
    this.runningSince = performance.now();
    this.tell("tick", this.seconds);
  }

  halt(state) {
    this.before = this.seconds;
    this.runningSince = null;
    this.state = state;
    this.watch.forget();
    this.tell("tick", this.seconds);
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
    this.letGo();
    Object.assign(this, { input, source });
    this.record();
    if (!goesOn) this.pause();
    this.tell("alarm", "");
  }

  /** The microphone went away: goes on with another if there is one, otherwise waits for whoever sees the alarm. */
  async lose() {
    this.isLost = true;
    if (this.state !== "recording") return; // after a pause another one is opened anyway
    if (this.media.state === "recording") this.media.pause(); // what else is recorded waits too
    const start = this.seconds;
    const lostAt = performance.now();
    this.halt("paused");
    this.tell("alarm", "lost");
    try {
      await this.change({ kind: "microphone", deviceId: "" }, { goesOn: true });
      this.tell("alarm", "replaced");
    } catch {
      // the alarm stays
    }
    this.watch.losses.push({ start, seconds: (performance.now() - lostAt) / 1000, reason: "microphone_lost" });
  }

  /** Ends the stream of the part and waits for its last piece, whoever else has ended it; a dead recorder hands out none. */
  async endPart() {
    if (this.state === "recording") this.halt("paused");
    if (this.media.state !== "inactive") this.media.stop();
    await Promise.race([this.ended, new Promise((resolve) => setTimeout(resolve, LAST_PIECE_MS))]);
  }

  /** @param {"stopped" | "limit"} cause */
  async stop(cause = "stopped") {
    if (!this.isRecording) return;
    clearInterval(this.timer);
    if (this.state === "recording") this.halt("paused");
    this.state = "ending";
    await this.endPart();
    this.letGo();
    this.state = "idle";
    this.tell("end", { seconds: this.seconds, cause });
  }

  letGo() {
    this.input?.close();
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @param {number} seconds */
function round(seconds) {
  return Math.round(seconds * 100) / 100;
}

/** What is recorded: one stream, out of one or two, with a meter beside it. */
class Input {
  /** @param {MediaStream[]} streams */
  constructor(streams) {
    this.streams = streams;
    this.tracks = streams.flatMap((stream) => stream.getAudioTracks());
    try {
      this.sound = new AudioContext();
      this.meter = this.sound.createAnalyser();
      this.meter.fftSize = 2048;
      this.samples = new Float32Array(this.meter.fftSize);
      this.stream = this.connect(streams);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  connect(streams) {
    const sources = streams.map((stream) => this.sound.createMediaStreamSource(stream));
    for (const source of sources) source.connect(this.meter);
    if (streams.length === 1) return new MediaStream(streams[0].getAudioTracks());
    const mixed = this.sound.createMediaStreamDestination();
    for (const source of sources) source.connect(mixed);
    return mixed.stream;
  }

  /** @param {() => void} tell called once, when one of the tracks ends by itself */
  whenLost(tell) {
    for (const track of this.tracks) track.addEventListener("ended", () => this.isClosed || tell(), { once: true });
  }

  /** Whether all of it is still there. */
  get isLive() {
    return this.tracks.every((track) => track.readyState === "live");
  }

  measure() {
    this.meter.getFloatTimeDomainData(this.samples);
    const level = this.samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    return { level, clock: this.sound.currentTime, isMuted: this.tracks.some((track) => track.muted) };
  }

  close() {
    this.isClosed = true;
    for (const stream of this.streams) stream.getTracks().forEach((track) => track.stop());
    this.sound?.close();
  }
}

/** @param {Source} source @returns {Promise<Input>} */
async function openInput({ kind, deviceId }) {
  if (!window.isSecureContext) throw new RecorderError("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) throw new RecorderError("unsupported");
  const streams = [];
  try {
    if (kind !== "microphone") streams.push(await openScreen());
    if (kind !== "screen") streams.push(await openMicrophone(deviceId));
    return new Input(streams);
  } catch (error) {
    for (const stream of streams) stream.getTracks().forEach((track) => track.stop());
    throw error instanceof RecorderError ? error : new RecorderError(REASONS[error.name] ?? "busy");
  }
}

/** A device that is gone is replaced by the one that the system prefers. @param {string} deviceId */
function openMicrophone(deviceId) {
  return navigator.mediaDevices.getUserMedia({ audio: deviceId ? { deviceId: { ideal: deviceId } } : true });
}

/** Browsers share sound only together with a picture, which nobody needs here. */
async function openScreen() {
  const shared = await navigator.mediaDevices.getDisplayMedia({ audio: true, video: true });
  shared.getVideoTracks().forEach((track) => track.stop());
  const [track] = shared.getAudioTracks();
  if (!track) throw new RecorderError("soundless");
  return new MediaStream([track]);
}
