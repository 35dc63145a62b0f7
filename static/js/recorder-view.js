// Shows the recorder and sends what it recorded; what could not be sent stays here, to be tried again or downloaded.
import { isMismatched, makeKey, upload } from "./api.js";
import { ask } from "./confirm.js";
import { holdPage } from "./leaving.js";
import { LevelMeter } from "./level.js";
import { Recorder, RecorderError } from "./recorder.js";
import { announce } from "./say.js";
import { formatClock } from "./times.js";

const TROUBLE = {
  insecure:
    "Your browser allows the microphone only over https or on localhost. Open this site over https, or ask its owner to set that up. You can upload a file meanwhile.",
  unsupported: "This browser cannot record. Use a current Firefox, Chrome, Edge or Safari, or upload a file.",
  denied: "The microphone is blocked for this page. Allow it in your browser, next to the address, then press Record again.",
  missing: "No microphone was found. Connect one, then press Record again.",
  busy: "The microphone does not answer. Another program may be using it. Close that, then press Record again.",
};
const CAUSES = { stopped: "", limit: "The limit is reached. ", lost: "The microphone went away. " };
const EXTENSIONS = { "audio/webm": "webm", "audio/ogg": "ogg", "audio/mp4": "m4a" };
/** Seconds before the end at which the time left is shown; half of a very short limit. */
const WARN_SECONDS = 60;

export class RecorderView {
  /**
   * @param {HTMLElement} root
   * @param {{showJob: (key: string) => Promise<boolean>}} page
   */
  constructor(root, page) {
    this.root = root;
    this.page = page;
    this.limit = Number(root.dataset.limitSeconds);
    this.recorder = new Recorder({ limitSeconds: this.limit });
    this.meter = new LevelMeter(this.get("level"), () => this.recorder.readLevel());
    this.recorder.addEventListener("tick", (event) => this.showTime(event.detail));
    this.recorder.addEventListener("end", (event) => this.keep(event.detail));
    this.get("record").addEventListener("click", () => this.start());
    this.get("stop").addEventListener("click", () => this.recorder.stop());
    this.get("again").addEventListener("click", () => this.send());
    this.get("discard").addEventListener("click", () => this.discard());
  }

  /** @param {string} name */
  get(name) {
    return this.root.querySelector(`[data-${name}]`);
  }

  /** Shows that it starts before the browser asks for the microphone: waiting first froze some browsers. */
  async start() {
    if (this.root.dataset.state !== "idle") return;
    this.enter("starting");
    this.say("Your browser may ask for the microphone.");
    try {
      await this.recorder.start();
    } catch (error) {
      this.enter("idle");
      this.say(TROUBLE[error instanceof RecorderError ? error.reason : "busy"], { isError: true });
      return;
    }
    this.release = holdPage();
    this.enter("recording");
    this.say("");
    announce("Recording.");
    this.get("stop").focus();
  }

  /** @param {"idle" | "starting" | "recording" | "sending" | "kept"} state */
  enter(state) {
    const isRecording = state === "recording";
    this.root.dataset.state = state;
    this.root.setAttribute("aria-busy", String(state === "starting" || state === "sending"));
    this.root.querySelectorAll("[data-recording-only]").forEach((element) => (element.hidden = !isRecording));
    this.get("record").hidden = isRecording;
    this.get("record").disabled = state !== "idle" || isMismatched();
    this.get("hint").hidden = state !== "idle" || this.get("status").textContent !== "";
    this.get("kept").hidden = state !== "kept";
    if (isRecording) this.meter.start();
    else this.meter.stop();
    const detail = { idle: "idle", starting: "idle", recording: "recording" }[state] ?? "kept";
    document.dispatchEvent(new CustomEvent("recording-change", { detail }));
  }

  /**
   * @param {string} text
   * @param {{isError?: boolean}} options
   */
  say(text, { isError = false } = {}) {
    const status = this.get("status");
    status.textContent = text;
    status.classList.toggle("is-error", isError);
    this.get("hint").hidden = text !== "" || this.root.dataset.state !== "idle";
  }

  /** @param {number} seconds whole */
  showTime(seconds) {
    this.get("timer").textContent = formatClock(seconds);
    const rest = Math.ceil(this.limit - seconds);
    const left = this.get("left");
    const isNear = rest <= Math.min(WARN_SECONDS, this.limit / 2);
    if (isNear && left.hidden) announce(`${rest} seconds left.`);
    left.hidden = !isNear;
    left.textContent = `${rest} s left`;
  }

  /** @param {{blob: Blob, seconds: number, cause: string}} recording */
  keep(recording) {
    const now = new Date().toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
    this.recording = { ...recording, title: `Recording ${now}`, key: makeKey() };
    this.get("timer").textContent = formatClock(0);
    this.get("left").hidden = true;
    if (recording.blob.size) this.send();
    else this.forget("That was too short. Press Record again.");
  }

  /** @param {string} words what to say about it */
  forget(words) {
    this.recording = null;
    this.release();
    this.enter("idle");
    this.say(words);
    this.get("record").focus();
  }

  async send() {
    const { seconds, cause, key } = this.recording;
    const language = document.querySelector("[data-language]")?.value ?? "";
    const length = `${CAUSES[cause]}Recorded ${formatClock(seconds)}.`;
    this.enter("sending");
    this.say(`${length} Uploading…`);
    try {
      const job = await upload(this.root.dataset.post, this.buildForm(language), { key: `${key}-${language}` });
      this.release();
      this.recording = null;
      const isShown = await this.page.showJob(job.id);
      this.enter("idle");
      this.say(isShown ? `${length} Its text appears below.` : `${length} Find it under Home.`);
    } catch (error) {
      this.offer(`${length} It could not be sent, and is kept here. ${error.message}`);
    }
  }

  /** @param {string} language */
  buildForm(language) {
    const { blob, title } = this.recording;
    const form = new FormData();
    form.append("audio", blob, `recording.${EXTENSIONS[blob.type] ?? "webm"}`);
    form.append("source", "recorded");
    form.append("title", title);
    form.append("language", language);
    return form;
  }

  /** @param {string} words */
  offer(words) {
    const { blob } = this.recording;
    const link = this.get("save");
    URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(blob);
    link.download = `recording.${EXTENSIONS[blob.type] ?? "webm"}`;
    this.enter("kept");
    this.say(words, { isError: true });
    (isMismatched() ? link : this.get("again")).focus();
  }

  async discard() {
    const text = `${formatClock(this.recording.seconds)} of audio will be gone for good.`;
    if (!(await ask({ title: "Discard this recording?", text, yes: "Discard" }))) return;
    this.forget("");
  }
}
