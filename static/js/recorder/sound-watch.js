// Notices when nothing, or nothing good, reaches the microphone: no page, only figures that it is given.

const QUIET_LEVEL = 0.003;
const QUIET_SECONDS = 8;
const LOUD_LEVEL = 0.985;
/** That many of the last ticks too loud are more than one plosive. */
const LOUD_TICKS = 4;
const LAST_TICKS = 20;
/** The clock of the sound stands still while the browser has put the page to sleep. */
const SLEEP_SECONDS = 2;

/** @typedef {import("../send/losses.js").Loss} Loss */
/**
 * @typedef {{now: number, seconds: number, soundClock: number, level: number, isMuted: boolean}} Moment
 * `now` and `soundClock` in seconds of any beginning, `seconds` of the recording, `level` 0 to 1
 */
export class SoundWatch {
  /** @type {Loss[]} */
  losses = [];
  alarm = "";
  /** How often the page was put to sleep. */
  naps = 0;
  /** The loss that goes on. @type {Loss | null} */
  #open = null;
  /** Since when it is quiet, in seconds. @type {number | null} */
  #quietSince = null;
  /** Which of the last ticks were too loud. @type {boolean[]} */
  #loudTicks = [];
  /** @type {Moment | null} */
  #last = null;

  /** Starts all judging again, as after a pause or with another microphone. */
  forget() {
    this.#close();
    this.#quietSince = null;
    this.#loudTicks = [];
    this.#last = null;
    this.alarm = "";
  }

  /**
   * @param {Moment} moment
   * @returns {string} "silence", "muted", "clipped", or "" where all is well
   */
  listen(moment) {
    this.#noticeSleep(moment);
    const found = this.#judge(moment);
    if (found !== this.alarm) {
      this.#close(moment.seconds);
      const start = found === "silence" ? Math.max(0, moment.seconds - QUIET_SECONDS) : moment.seconds;
      if (found) this.#open = { start, seconds: 0, reason: found };
      if (this.#open) this.losses.push(this.#open);
      this.alarm = found;
    } else if (this.#open) {
      this.#open.seconds = moment.seconds - this.#open.start;
    }
    this.#last = moment;
    return found;
  }

  /** @param {number | undefined} seconds */
  #close(seconds = undefined) {
    if (this.#open && seconds !== undefined) this.#open.seconds = Math.max(0, seconds - this.#open.start);
    this.#open = null;
  }

  /** @param {Moment} moment */
  #judge(moment) {
    if (moment.isMuted) return "muted";
    this.#loudTicks = [...this.#loudTicks, moment.level >= LOUD_LEVEL].slice(-LAST_TICKS);
    if (moment.level > QUIET_LEVEL) this.#quietSince = null;
    else this.#quietSince ??= moment.now;
    if (this.#quietSince !== null && moment.now - this.#quietSince >= QUIET_SECONDS) return "silence";
    return this.#loudTicks.filter(Boolean).length >= LOUD_TICKS ? "clipped" : "";
  }

  /** @param {Moment} moment */
  #noticeSleep(moment) {
    if (!this.#last) return;
    const asleep = moment.now - this.#last.now - (moment.soundClock - this.#last.soundClock);
    if (asleep < SLEEP_SECONDS) return;
    this.naps += 1;
    this.losses.push({ start: this.#last.seconds, seconds: asleep, reason: "suspended" });
  }
}
