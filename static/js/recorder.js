// Records the microphone: no page, only events. Everything recorded is kept until somebody takes it.

/** Formats in the order of preference; Safari before 18.4 records only the last. */
const FORMATS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const TICK_MS = 200;
const SLICE_MS = 1000;

/** Why there is no recording; `reason` is insecure, unsupported, denied, missing or busy. */
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
 * Events: `tick` (detail: whole seconds so far), `end` (detail: {blob, seconds, cause}), where the cause is
 * "stopped", "limit" or "lost" when the microphone went away.
 */
export class Recorder extends EventTarget {
  /** @param {{limitSeconds: number}} options */
  constructor({ limitSeconds }) {
    super();
    this.limitSeconds = limitSeconds;
    this.reset();
  }

  reset() {
    this.pieces = [];
    this.startedAt = 0;
    this.seconds = 0;
    this.cause = "";
    this.shown = -1;
  }

  get isRecording() {
    return this.media?.state === "recording";
  }

  /**
   * Asks for the microphone and records; when that fails, the microphone is let go again.
   * @throws {RecorderError | DOMException}
   */
  async start() {
    this.reset();
    this.stream = await openMicrophone();
    try {
      this.record();
    } catch (error) {
      this.release();
      throw error;
    }
  }

  record() {
    const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
    this.media = new MediaRecorder(this.stream, mimeType ? { mimeType } : {});
    this.media.addEventListener("dataavailable", ({ data }) => data.size && this.pieces.push(data));
    this.media.addEventListener("stop", () => this.finish());
    this.stream.getAudioTracks()[0].addEventListener("ended", () => this.stop("lost"));
    this.listen();
    this.media.start(SLICE_MS);
    this.startedAt = performance.now();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.tick();
  }

  tick() {
    const elapsed = (performance.now() - this.startedAt) / 1000;
    const whole = Math.floor(elapsed);
    if (elapsed >= this.limitSeconds) {
      this.stop("limit");
    } else if (whole !== this.shown) {
      this.shown = whole;
      this.dispatchEvent(new CustomEvent("tick", { detail: whole }));
    }
  }

  /** @param {"stopped" | "limit" | "lost"} cause */
  stop(cause = "stopped") {
    if (!this.isRecording) return;
    this.seconds = (performance.now() - this.startedAt) / 1000;
    this.cause = cause;
    clearInterval(this.timer);
    this.media.stop();
  }

  finish() {
    clearInterval(this.timer);
    this.seconds ||= (performance.now() - this.startedAt) / 1000;
    this.release();
    const blob = new Blob(this.pieces, { type: this.media.mimeType.split(";")[0] });
    this.dispatchEvent(new CustomEvent("end", { detail: { blob, seconds: this.seconds, cause: this.cause || "lost" } }));
  }

  release() {
    this.stream.getTracks().forEach((track) => track.stop());
    this.sound?.close();
    this.sound = null;
  }

  /** Measures the level beside the recording. */
  listen() {
    this.sound = new AudioContext();
    this.meter = this.sound.createAnalyser();
    this.meter.fftSize = 512;
    this.samples = new Uint8Array(this.meter.fftSize);
    this.sound.createMediaStreamSource(this.stream).connect(this.meter);
  }

  /** @returns {number} the loudness of this moment, 0 to 1 */
  readLevel() {
    if (!this.sound) return 0;
    this.meter.getByteTimeDomainData(this.samples);
    const loudest = this.samples.reduce((most, sample) => Math.max(most, Math.abs(sample - 128)), 0);
    return loudest / 128;
  }
}

/** @returns {Promise<MediaStream>} */
async function openMicrophone() {
  if (!window.isSecureContext) throw new RecorderError("insecure");
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) throw new RecorderError("unsupported");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    throw new RecorderError(REASONS[error.name] ?? "busy");
  }
}
