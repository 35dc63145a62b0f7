// Shows the recorder; what it records goes into this browser first, then home, piece by piece.
import { isMismatched, makeKey } from "../base/api.js";
import { keepAwake } from "./awake.js";
import { ask } from "../base/confirm.js";
import { holdPage } from "../base/leaving.js";
import { LevelMeter } from "./level.js";
import { Marks } from "./marks.js";
import { readPerson } from "../base/person.js";
import { Recorder, RecorderError } from "./recorder.js";
import { downloadRecording } from "../send/recording-download.js";
import { RecordingSender } from "../send/recording-sender.js";
import { openStore } from "../send/recording-store.js";
import { announce, showError } from "../base/say.js";
import { areKeysOn } from "../base/shortcuts.js";
import { SourceChoice } from "./source-choice.js";
import { describeFreeSpace } from "./free-space.js";
import { formatClock } from "../base/times.js";

const TROUBLE = {
  insecure:
    "Your browser allows the microphone only over https or on localhost. Open this site over https, or ask its owner to set that up. You can upload a file meanwhile.",
  unsupported: "This browser cannot record. Use a current Firefox, Chrome, Edge or Safari, or upload a file.",
  denied: "The microphone is blocked for this page. Allow it in your browser, next to the address, then press Record again.",
  missing: "No microphone was found. Connect one, then press Record again.",
  busy: "The microphone does not answer. Another program may be using it. Close that, then press Record again.",
  soundless: "No sound was shared. Choose a tab or the whole screen, and switch its sound on in the same window.",
};
const ALARMS = {
  silence: "No sound reaches the microphone. Is it the right one, and is it switched on?",
  muted: "The microphone is muted by the system or by another program, such as a call.",
  clipped: "The sound is too loud and gets distorted. Move away from the microphone, or turn it down.",
  replaced: "The microphone went away. Recording goes on with another one; what was said in between is missing.",
  suspended: "The page was put to sleep for a while; what was said then is missing. Keep it in view while you record.",
  stalled:
    "Your browser has recorded nothing for ten seconds. Stop, and begin a new recording; what you said before is kept.",
  restarted: "Your browser stopped recording for a moment and goes on; what was said then may be missing.",
  failed: "Your browser has stopped recording. What you said so far is kept. Press Go on to try again.",
  lost: "The microphone went away. What you said so far is kept. Choose another one, or connect it again, to go on.",
};
const CAUSES = { stopped: "", limit: "The limit is reached. " };
const NOTHING = "Nothing came from the microphone, so there is nothing to keep. Choose another one, then press Record again.";
const UNDELETED = "This browser could not delete its copy of the recording. Open the page again to try once more.";
const SHORT_SECONDS = 2;
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
    this.source = new SourceChoice(root, () => this.changeSource());
    this.marks = new Marks(root, () => this.keepNotes());
    this.listen();
    describeFreeSpace(this.get("free-space"));
    this.get("record").disabled = isMismatched();
  }

  listen() {
    const on = (type, act) => this.recorder.addEventListener(type, (event) => act(event.detail));
    on("tick", (seconds) => this.showTime(seconds));
    on("alarm", (alarm) => this.showAlarm(alarm));
    on("part", (part) => this.beginPart(part));
    on("piece", (piece) => this.keepPiece(piece));
    on("end", (ending) => this.end(ending));
    const press = (name, act) => this.get(name).addEventListener("click", act);
    press("record", () => this.start());
    press("stop", () => this.recorder.stop());
    press("pause", () => this.pause());
    press("mark", () => this.marks.add(this.recorder.seconds));
    press("save", () => this.download());
    press("discard", () => this.discard());
    document.addEventListener("keydown", (event) => this.press(event));
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
    this.store = await openStore();
    this.recording = this.describe();
    this.kept = Promise.resolve();
    try {
      await this.recorder.start(this.source.chosen);
    } catch (error) {
      this.recording = null;
      this.enter("idle");
      this.say(TROUBLE[error instanceof RecorderError ? error.reason : "busy"], { isError: true });
      return;
    }
    this.release = holdPage();
    this.letSleep = keepAwake();
    this.enter("recording");
    this.say("");
    this.showSaved(0);
    announce("Recording.");
    this.source.refresh();
    this.get("stop").focus();
    this.send();
  }

  /** @returns {import("../send/recording-store.js").Recording} */
  describe() {
    const now = new Date();
    const title = `Recording ${now.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })}`;
    const language = document.querySelector("[data-language]")?.value ?? "";
    const empty = { seconds: 0, parts: [], isOver: false, marks: [], losses: [] };
    return { format: 1, key: makeKey(), owner: readPerson(), title, language, mediaType: "", startedAt: +now, ...empty };
  }

  send() {
    const sender = new RecordingSender(this.store, this.recording);
    this.sender = sender;
    sender.addEventListener("saved", (event) => this.showSaved(event.detail));
    sender.addEventListener("trouble", (event) => this.showTrouble(event.detail));
    sender.addEventListener("done", (event) => this.showDone(event.detail));
    sender.run();
  }

  /** @param {"idle" | "starting" | "recording" | "sending"} state */
  enter(state) {
    const isRecording = state === "recording";
    const isSending = state === "sending";
    this.root.dataset.state = state;
    this.root.setAttribute("aria-busy", String(state === "starting" || isSending));
    this.root.querySelectorAll("[data-recording-only]").forEach((element) => (element.hidden = !isRecording));
    this.root.querySelectorAll("[data-idle-only]").forEach((element) => (element.hidden = isRecording || isSending));
    this.get("record").hidden = isRecording;
    this.get("record").disabled = state !== "idle" || isMismatched();
    this.get("hint").hidden = state !== "idle" || this.get("status").textContent !== "";
    this.get("kept").hidden = !isSending;
    this.get("save").hidden = !isRecording && !isSending;
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

  /** @param {number} seconds */
  showTime(seconds) {
    const whole = Math.floor(seconds);
    const clock = formatClock(whole);
    if (this.get("timer").textContent !== clock) this.get("timer").textContent = clock;
    const rest = Math.ceil(this.limit - whole);
    const left = this.get("left");
    const isNear = rest <= Math.min(WARN_SECONDS, this.limit / 2);
    if (isNear && left.hidden) announce(`${rest} seconds left.`);
    left.hidden = !isNear;
    left.textContent = `${rest} s left`;
    this.showPause();
  }

  showPause() {
    const isPaused = this.recorder.state === "paused";
    this.root.classList.toggle("is-paused", isPaused);
    const words = this.get("pause").querySelector("span");
    if (words.textContent !== (isPaused ? "Go on" : "Pause")) words.textContent = isPaused ? "Go on" : "Pause";
  }

  /** @param {string} alarm */
  showAlarm(alarm) {
    const line = this.get("alarm");
    line.hidden = !alarm;
    line.querySelector("p").textContent = ALARMS[alarm] ?? "";
    this.keepNotes();
  }

  pause() {
    if (this.recorder.state === "paused") this.recorder.resume();
    else this.recorder.pause();
    announce(this.recorder.state === "paused" ? "Paused." : "Recording.");
  }

  async changeSource() {
    if (!this.recorder.isRecording) return;
    try {
      await this.recorder.change(this.source.chosen);
    } catch (error) {
      this.say(TROUBLE[error instanceof RecorderError ? error.reason : "busy"], { isError: true });
    }
  }

  /** Single keys, which can be switched off. @param {KeyboardEvent} event */
  press(event) {
    if (!areKeysOn(event) || document.querySelector("dialog[open]")) return;
    const act = {
      r: () => (this.recorder.isRecording ? this.recorder.stop() : this.start()),
      m: () => this.recorder.isRecording && this.marks.add(this.recorder.seconds),
      " ": () => this.recorder.isRecording && this.pause(),
    }[event.key];
    if (!act || (event.key === " " && event.target.closest("button, a, summary, [tabindex]:not(main)"))) return;
    event.preventDefault();
    act();
  }

  /** @param {number} part */
  beginPart(part) {
    const { parts } = this.recording;
    parts[part] = { isClosed: false };
    this.recording.mediaType ||= this.recorder.mediaType;
    this.counts = [...(this.counts ?? []).slice(0, part), { pieces: 0, bytes: 0 }];
    this.closeParts(parts.slice(0, part));
  }

  /** Not before their last piece is kept: whoever sends them takes what is there then for all there is. */
  closeParts(parts) {
    this.keep(async () => parts.forEach((part) => (part.isClosed = true)));
  }

  /** First into this browser, then home. @param {{part: number, blob: Blob, seconds: number}} piece */
  keepPiece({ part, blob, seconds }) {
    const { key } = this.recording;
    const { pieces: index, bytes: start } = this.counts[part];
    this.counts[part] = { pieces: index + 1, bytes: start + blob.size };
    this.recording.seconds = seconds;
    this.keep(() => this.store.addPiece({ key, part, index, start, blob, seconds }));
  }

  keepNotes() {
    if (!this.recording) return;
    Object.assign(this.recording, { marks: this.marks.list, losses: this.recorder.losses });
    this.keep();
  }

  /** One after the other: what is written down last is what counts. */
  keep(write = async () => {}) {
    const { recording } = this;
    this.kept = this.kept
      .then(write)
      .finally(() => this.store.saveRecording(recording))
      .catch(() => this.showAlarmText("This browser keeps no more, mostly for want of room. What it cannot keep is sent from memory."))
      .finally(() => this.sender?.wake());
  }

  /** @param {string} text */
  showAlarmText(text) {
    const line = this.get("alarm");
    line.hidden = false;
    line.querySelector("p").textContent = text;
  }

  /** @param {{seconds: number, cause: string}} ending */
  async end({ seconds, cause }) {
    const { recording } = this;
    this.length = `${CAUSES[cause]}Recorded ${formatClock(seconds)}.`;
    this.letSleep();
    this.get("timer").textContent = formatClock(0);
    this.get("left").hidden = true;
    this.get("alarm").hidden = true;
    this.enter("sending");
    this.say(`${this.length} Uploading…`);
    Object.assign(recording, { seconds, marks: this.marks.finish(), losses: this.recorder.losses });
    this.closeParts(recording.parts);
    await this.kept;
    if (!this.counts.some(({ pieces }) => pieces)) {
      const isShort = seconds < SHORT_SECONDS;
      await this.forget(isShort ? "That was too short. Press Record again." : NOTHING);
      return;
    }
    recording.isOver = true;
    this.keep();
  }

  /** @param {number} seconds */
  showSaved(seconds) {
    this.get("saved").textContent = seconds ? `Saved up to ${formatClock(seconds)} on the server.` : "Kept in this browser.";
    this.get("saved").classList.remove("is-waiting");
    if (this.root.dataset.state === "sending") this.say(`${this.length} Uploading…`);
  }

  /** @param {import("../base/api.js").ApiError} error */
  showTrouble(error) {
    const why = error.code === "offline" ? "The server cannot be reached." : error.message;
    this.get("saved").textContent = `Kept in this browser, and sent as soon as that works. ${why}`;
    this.get("saved").classList.add("is-waiting");
    if (this.root.dataset.state !== "sending") return;
    this.say(`${this.length} It could not be sent yet, and is kept here. ${why} It is tried again by itself.`, { isError: true });
  }

  /** @param {any} job */
  async showDone(job) {
    this.release();
    this.recording = null;
    this.sender = null;
    const isShown = isMismatched() ? false : await this.page.showJob(job.id);
    this.enter("idle");
    this.say(isShown ? `${this.length} Its text appears below.` : `${this.length} Find it under Home.`);
    describeFreeSpace(this.get("free-space"));
  }

  /** What there is so far, a file for each part. */
  async download() {
    await this.kept;
    await downloadRecording(this.store, this.recording);
  }

  async discard() {
    const text = `${formatClock(this.recording.seconds)} of audio will be gone for good.`;
    if (!(await ask({ title: "Discard this recording?", text, yes: "Discard" })) || !this.sender) return;
    await this.forget("");
  }

  /** @param {string} words what to say about it */
  async forget(words) {
    const { sender } = this;
    Object.assign(this, { sender: null, recording: null });
    await this.kept; // or else a piece would be written after all were removed
    await sender.discard().catch(() => showError(UNDELETED));
    this.release();
    this.enter("idle");
    this.say(words);
    this.get("record").focus();
  }
}
