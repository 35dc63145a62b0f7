// Shows the recorder; what it records goes into this browser first, then home, piece by piece.
import { isMismatched, makeKey } from "../base/api.js";
import { keepAwake } from "./awake.js";
import { ask } from "../base/confirm.js";
import { find, findAs, findTarget, isDialogOpen, list, listAs } from "../base/dom.js";
import { publish, RECORDING_CHANGE } from "../base/events.js";
import { holdPage } from "../base/leaving.js";
import { LevelMeter } from "./level.js";
import { Marks } from "./marks.js";
import { readPerson } from "../base/person.js";
import { Recorder, RecorderError } from "./recorder.js";
import { RecordingSession } from "./recording-session.js";
import { openStore } from "../send/recording-store.js";
import { announce, showError } from "../base/say.js";
import { areKeysOn } from "../base/shortcuts.js";
import { SourceChoice } from "./source-choice.js";
import { describeFreeSpace } from "./free-space.js";
import { formatClock } from "../base/times.js";

/** @typedef {"idle" | "starting" | "recording" | "sending"} State */

/** @type {Record<import("./recorder.js").Reason, string>} */
const TROUBLE = {
  insecure:
    "Your browser allows the microphone only over https or on localhost. Open this site over https, or ask its owner to set that up. You can upload a file meanwhile.",
  unsupported: "This browser cannot record. Use a current Firefox, Chrome, Edge or Safari, or upload a file.",
  denied: "The microphone is blocked for this page. Allow it in your browser, next to the address, then press Record again.",
  missing: "No microphone was found. Connect one, then press Record again.",
  busy: "The microphone does not answer. Another program may be using it. Close that, then press Record again.",
  soundless: "No sound was shared. Choose a tab or the whole screen, and switch its sound on in the same window.",
};
/** @type {Record<string, string>} */
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
const UNKEPT = "This browser keeps no more, mostly for want of room. What it cannot keep is sent from memory.";
const UNDELETED = "This browser could not delete its copy of the recording. Open the page again to try once more.";
/** What the rest of the page may know of each state. @type {Record<State, import("../base/events.js").PageEvents["recording-change"]>} */
const PHASES = { idle: "idle", starting: "idle", recording: "recording", sending: "kept" };
const SHORT_SECONDS = 2;
/** Seconds before the end at which the time left is shown; half of a very short limit. */
const WARN_SECONDS = 60;

export class RecorderView {
  /** @type {HTMLElement} */
  #root;
  /** @type {{showJob: (key: string) => Promise<boolean>}} */
  #page;
  /** @type {number} */
  #limitSeconds;
  /** @type {Recorder} */
  #recorder;
  /** @type {LevelMeter} */
  #meter;
  /** @type {SourceChoice} */
  #source;
  /** @type {Marks} */
  #marks;
  /** @type {RecordingSession | null} */
  #session = null;
  /** How long the last recording was, in words. */
  #length = "";
  #releasePage = () => {};
  #endAwake = () => {};

  /**
   * @param {HTMLElement} root
   * @param {{showJob: (key: string) => Promise<boolean>}} page
   */
  constructor(root, page) {
    this.#root = root;
    this.#page = page;
    this.#limitSeconds = Number(root.dataset.limitSeconds);
    this.#recorder = new Recorder({ limitSeconds: this.#limitSeconds });
    this.#meter = new LevelMeter(findAs(root, "[data-level]", HTMLCanvasElement), () => this.#recorder.readLevel());
    this.#source = new SourceChoice(root, () => this.#changeSource());
    this.#marks = new Marks(root, () => this.#keepNotes());
    this.#follow();
    this.#listen();
    describeFreeSpace(this.#get("free-space"));
    this.#button.disabled = isMismatched();
  }

  #follow() {
    this.#recorder.on("tick", (seconds) => this.#showTime(seconds));
    this.#recorder.on("alarm", (alarm) => this.#showAlarm(alarm));
    this.#recorder.on("part", (part) => this.#session?.beginPart(part, this.#recorder.mediaType));
    this.#recorder.on("piece", (piece) => this.#session?.keepPiece(piece));
    this.#recorder.on("end", (ending) => this.#end(ending));
  }

  #listen() {
    /** @type {(name: string, act: () => void) => void} */
    const press = (name, act) => this.#get(name).addEventListener("click", act);
    press("record", () => this.start());
    press("stop", () => this.#recorder.stop());
    press("pause", () => this.#pause());
    press("mark", () => this.#mark());
    press("save", () => this.#session?.download());
    press("discard", () => this.#discard());
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  /** @param {string} name */
  #get(name) {
    return find(this.#root, `[data-${name}]`);
  }

  /** The button that starts a recording. */
  get #button() {
    return findAs(this.#root, "[data-record]", HTMLButtonElement);
  }

  get #state() {
    return this.#root.dataset.state;
  }

  /** Shows that it starts before the browser asks for the microphone: waiting first froze some browsers. */
  async start() {
    if (this.#state !== "idle") return;
    this.#enter("starting");
    this.#say("Your browser may ask for the microphone.");
    const session = await this.#openSession();
    this.#session = session;
    try {
      await this.#recorder.start(this.#source.chosen);
    } catch (error) {
      this.#session = null;
      this.#enter("idle");
      this.#showRefusal(error);
      return;
    }
    this.#showStarted();
    session.send();
  }

  async #openSession() {
    const session = new RecordingSession(await openStore(), describeRecording());
    session.on("unkept", () => this.#showAlarmText(UNKEPT));
    session.sender.on("saved", (seconds) => this.#showSaved(seconds));
    session.sender.on("trouble", (error) => this.#showTrouble(error));
    session.sender.on("done", (job) => this.#showDone(job));
    return session;
  }

  #showStarted() {
    this.#releasePage = holdPage();
    this.#endAwake = keepAwake();
    this.#enter("recording");
    this.#say("");
    this.#showSaved(0);
    announce("Recording.");
    this.#source.refresh();
    this.#get("stop").focus();
  }

  /** @param {unknown} error why there is no sound */
  #showRefusal(error) {
    this.#say(TROUBLE[error instanceof RecorderError ? error.reason : "busy"], { isError: true });
  }

  /** @param {State} state */
  #enter(state) {
    const isRecording = state === "recording";
    const isSending = state === "sending";
    this.#root.dataset.state = state;
    this.#root.setAttribute("aria-busy", String(state === "starting" || isSending));
    list(this.#root, "[data-recording-only]").forEach((element) => (element.hidden = !isRecording));
    list(this.#root, "[data-idle-only]").forEach((element) => (element.hidden = isRecording || isSending));
    this.#button.hidden = isRecording;
    this.#button.disabled = state !== "idle" || isMismatched();
    this.#get("hint").hidden = state !== "idle" || this.#get("status").textContent !== "";
    this.#get("kept").hidden = !isSending;
    this.#get("save").hidden = !isRecording && !isSending;
    if (isRecording) this.#meter.start();
    else this.#meter.stop();
    publish(RECORDING_CHANGE, PHASES[state]);
  }

  /**
   * @param {string} text
   * @param {{isError?: boolean}} options
   */
  #say(text, { isError = false } = {}) {
    const status = this.#get("status");
    status.textContent = text;
    status.classList.toggle("is-error", isError);
    this.#get("hint").hidden = text !== "" || this.#state !== "idle";
  }

  /** @param {number} seconds */
  #showTime(seconds) {
    const whole = Math.floor(seconds);
    setText(this.#get("timer"), formatClock(whole));
    const rest = Math.ceil(this.#limitSeconds - whole);
    const left = this.#get("left");
    const isNear = rest <= Math.min(WARN_SECONDS, this.#limitSeconds / 2);
    if (isNear && left.hidden) announce(`${rest} seconds left.`);
    left.hidden = !isNear;
    left.textContent = `${rest} s left`;
    this.#showPause();
  }

  #showPause() {
    const { isPaused } = this.#recorder;
    this.#root.classList.toggle("is-paused", isPaused);
    setText(find(this.#get("pause"), "span"), isPaused ? "Go on" : "Pause");
  }

  /** @param {string} alarm */
  #showAlarm(alarm) {
    this.#showAlarmText(ALARMS[alarm] ?? "");
    this.#keepNotes();
  }

  /** @param {string} text "" for none */
  #showAlarmText(text) {
    const line = this.#get("alarm");
    line.hidden = !text;
    find(line, "p").textContent = text;
  }

  #pause() {
    if (this.#recorder.isPaused) this.#recorder.resume();
    else this.#recorder.pause();
    announce(this.#recorder.isPaused ? "Paused." : "Recording.");
  }

  #mark() {
    this.#marks.add(this.#recorder.seconds);
  }

  async #changeSource() {
    if (!this.#recorder.isRecording) return;
    try {
      await this.#recorder.change(this.#source.chosen);
    } catch (error) {
      this.#showRefusal(error);
    }
  }

  /** Single keys, which can be switched off. @param {KeyboardEvent} event */
  #press(event) {
    if (!areKeysOn(event) || isDialogOpen()) return;
    const { isRecording } = this.#recorder;
    /** @type {Record<string, () => unknown>} */
    const acts = {
      r: () => (isRecording ? this.#recorder.stop() : this.start()),
      m: () => isRecording && this.#mark(),
      " ": () => isRecording && this.#pause(),
    };
    const act = acts[event.key];
    if (!act || (event.key === " " && findTarget(event, "button, a, summary, [tabindex]:not(main)"))) return;
    event.preventDefault();
    act();
  }

  #keepNotes() {
    this.#session?.keepNotes({ marks: this.#marks.list, losses: this.#recorder.losses });
  }

  /** @param {import("./recorder.js").Ending} ending */
  async #end({ seconds, cause }) {
    const session = this.#session;
    this.#length = `${CAUSES[cause]}Recorded ${formatClock(seconds)}.`;
    this.#showEnded();
    const hasSound = await session?.end({ seconds, marks: this.#marks.finish(), losses: this.#recorder.losses });
    if (hasSound || session !== this.#session) return;
    await this.#forget(seconds < SHORT_SECONDS ? "That was too short. Press Record again." : NOTHING);
  }

  #showEnded() {
    this.#endAwake();
    this.#get("timer").textContent = formatClock(0);
    this.#get("left").hidden = true;
    this.#get("alarm").hidden = true;
    this.#enter("sending");
    this.#say(`${this.#length} Uploading…`);
  }

  /** @param {number} seconds */
  #showSaved(seconds) {
    this.#get("saved").textContent = seconds ? `Saved up to ${formatClock(seconds)} on the server.` : "Kept in this browser.";
    this.#get("saved").classList.remove("is-waiting");
    if (this.#state === "sending") this.#say(`${this.#length} Uploading…`);
  }

  /** @param {import("../base/api.js").ApiError} error */
  #showTrouble(error) {
    const why = error.code === "offline" ? "The server cannot be reached." : error.message;
    this.#get("saved").textContent = `Kept in this browser, and sent as soon as that works. ${why}`;
    this.#get("saved").classList.add("is-waiting");
    if (this.#state !== "sending") return;
    this.#say(`${this.#length} It could not be sent yet, and is kept here. ${why} It is tried again by itself.`, { isError: true });
  }

  /** @param {import("../send/recording-sender.js").Ended} job */
  async #showDone(job) {
    this.#releasePage();
    this.#session = null;
    const isShown = isMismatched() ? false : await this.#page.showJob(job.id);
    this.#enter("idle");
    this.#say(isShown ? `${this.#length} Its text appears below.` : `${this.#length} Find it under Home.`);
    describeFreeSpace(this.#get("free-space"));
  }

  async #discard() {
    const seconds = this.#session?.recording.seconds ?? 0;
    const text = `${formatClock(seconds)} of audio will be gone for good.`;
    if (await ask({ title: "Discard this recording?", text, yes: "Discard" })) await this.#forget("");
  }

  /** @param {string} words what to say about it */
  async #forget(words) {
    const session = this.#session;
    if (!session) return; // it has become a job meanwhile
    this.#session = null;
    await session.discard().catch(() => showError(UNDELETED));
    this.#releasePage();
    this.#enter("idle");
    this.#say(words);
    this.#button.focus();
  }
}

/** @returns {import("../send/recording-store.js").Recording} one that begins now */
function describeRecording() {
  const now = new Date();
  const title = `Recording ${now.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })}`;
  const language = listAs(document, "[data-language]", HTMLSelectElement)[0]?.value ?? "";
  const empty = { seconds: 0, parts: [], isOver: false, marks: [], losses: [] };
  return { format: 1, key: makeKey(), owner: readPerson(), title, language, mediaType: "", startedAt: +now, ...empty };
}

/** Leaves what is the same, which screen readers would read again. @param {HTMLElement} element @param {string} text */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
