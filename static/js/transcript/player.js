// The player of the job page: buttons, keys, speed, waveform.
import { find, findAs, findTarget, isDialogOpen, list } from "../base/dom.js";
import { Emitter } from "../base/events.js";
import { formatClock, formatLength } from "../base/times.js";
import { Wave } from "./wave.js";

const STEP_SECONDS = 5;
const TYPING = "input:not([type=range]), textarea, select, [contenteditable]";
const PRESSABLE = "button, a, summary, input[type=range]";
/** Browsers count a WebM without a length only when told to go to its end; any time beyond it will do. */
const BEYOND_SECONDS = 1e7;

/**
 * Events: `time` (detail: seconds), while it plays and when it is moved.
 * @extends {Emitter<{time: number}>}
 */
export class Player extends Emitter {
  /** Seconds that the recording lasts; 0 while that is not known. */
  length = 0;
  /** Where to stop, in seconds, while only a stretch is played. @type {number | null} */
  stopAt = null;
  /** @type {HTMLInputElement} */
  #seekBar;

  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this.root = root;
    this.audio = findAs(root, "audio", HTMLAudioElement);
    this.audio.controls = false;
    this.#seekBar = findAs(root, "[data-seek]", HTMLInputElement);
    this.wave = new Wave(findAs(root, "[data-wave]", HTMLCanvasElement));
    this.setLength(Number(root.dataset.seconds ?? 0));
    this.#listen();
  }

  /** @param {string} name */
  get(name) {
    return find(this.root, `[data-${name}]`);
  }

  #listen() {
    const { audio } = this;
    this.get("play").addEventListener("click", () => this.toggle());
    list(this.root, "[data-skip]").forEach((button) => {
      button.addEventListener("click", () => this.skip(Number(button.dataset.skip)));
    });
    const speed = findAs(this.root, "[data-speed]", HTMLSelectElement);
    speed.addEventListener("change", () => (audio.playbackRate = Number(speed.value)));
    this.#seekBar.addEventListener("input", () => this.goTo(Number(this.#seekBar.value)));
    for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, () => this.#showPlaying());
    audio.addEventListener("timeupdate", () => this.#showTime());
    audio.addEventListener("loadedmetadata", () => this.#measure());
    audio.addEventListener("error", () => this.#showError());
    if (audio.error) this.#showError();
    if (audio.readyState >= HTMLMediaElement.HAVE_METADATA) this.#measure();
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  #measure() {
    if (Number.isFinite(this.audio.duration)) {
      if (!this.length) this.setLength(this.audio.duration);
      return;
    }
    this.audio.addEventListener("durationchange", () => (this.audio.currentTime = 0), { once: true });
    this.audio.currentTime = BEYOND_SECONDS;
  }

  /** @param {number} seconds of the recording; 0 while that is not known */
  setLength(seconds) {
    if (!seconds) return;
    this.length = seconds;
    this.#seekBar.max = String(seconds);
    this.get("length").textContent = formatLength(seconds);
    this.#showTime();
  }

  #showError() {
    this.get("audio-error").hidden = false;
  }

  /** Tries again what the browser refused: before a file has been looked into, it comes without its type. */
  retry() {
    if (!this.audio.error) return;
    this.get("audio-error").hidden = true;
    this.audio.load();
  }

  toggle() {
    this.stopAt = null;
    if (this.audio.paused) this.play();
    else this.audio.pause();
  }

  async play() {
    try {
      await this.audio.play();
    } catch (error) {
      if (!(error instanceof DOMException && error.name === "AbortError")) this.#showError();
    }
  }

  stop() {
    this.stopAt = null;
    this.audio.pause();
  }

  /** Plays one stretch and stops at its end, or when something else is played. @param {number} start @param {number} end */
  playStretch(start, end) {
    this.goTo(start);
    this.stopAt = end;
    return this.play();
  }

  /** @param {number} seconds forward, or back when negative */
  skip(seconds) {
    this.goTo(this.audio.currentTime + seconds);
  }

  /** @param {number} seconds from the start */
  goTo(seconds) {
    this.stopAt = null;
    this.audio.currentTime = Math.min(Math.max(0, seconds), this.length || seconds);
    this.#showTime();
  }

  #showPlaying() {
    const { paused } = this.audio;
    this.get("play").setAttribute("aria-label", paused ? "Play" : "Pause");
    this.get("when=\"paused\"").hidden = !paused;
    this.get("when=\"playing\"").hidden = paused;
  }

  #showTime() {
    const now = this.audio.currentTime;
    this.get("now").textContent = formatClock(now);
    this.#seekBar.value = String(now);
    this.#seekBar.setAttribute("aria-valuetext", `${formatClock(now)} of ${this.length ? formatLength(this.length) : formatClock(0)}`);
    if (this.length) this.wave.setShare(now / this.length);
    if (this.stopAt !== null && now >= this.stopAt) this.stop();
    this.emit("time", now);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || findTarget(event, TYPING)) return;
    if (this.root.hidden || isDialogOpen()) return;
    const isPressable = findTarget(event, PRESSABLE);
    if (event.key === " " && (!isPressable || isPressable === this.#seekBar)) this.toggle();
    else if (event.key === "ArrowLeft") this.skip(-STEP_SECONDS);
    else if (event.key === "ArrowRight") this.skip(STEP_SECONDS);
    else return;
    event.preventDefault();
  }
}
