// Marks: moments to find again, each with a note if wanted.
import { find, findAs, listChildren } from "../base/dom.js";
import { announce } from "../base/say.js";
import { formatClock } from "../base/times.js";

const NOTE_LENGTH = 200;

/** @typedef {{seconds: number, note: string}} Mark */

export class Marks {
  /** @type {HTMLElement} */
  #lines;
  /** @type {() => void} */
  #changed;

  /**
   * @param {HTMLElement} root
   * @param {() => void} changed
   */
  constructor(root, changed) {
    this.#lines = find(root, "[data-marks]");
    this.#changed = changed;
  }

  /** @returns {Mark[]} */
  get list() {
    return listChildren(this.#lines).map((line) => ({
      seconds: Number(line.dataset.seconds),
      note: findAs(line, "input", HTMLInputElement).value.trim(),
    }));
  }

  /** @param {number} seconds */
  add(seconds) {
    const line = document.createElement("li");
    line.dataset.seconds = seconds.toFixed(2);
    const clock = formatClock(seconds);
    const label = document.createElement("label");
    label.append(clock);
    label.className = "figures";
    const note = this.#buildNote(clock);
    line.append(label, note);
    this.#lines.append(line);
    this.#lines.hidden = false;
    note.focus();
    announce(`Marked at ${clock}.`);
    this.#changed();
  }

  /** @param {string} clock when it was marked */
  #buildNote(clock) {
    const note = document.createElement("input");
    Object.assign(note, { maxLength: NOTE_LENGTH, placeholder: "Note (optional)", className: "form-control" });
    note.setAttribute("aria-label", `Note for the mark at ${clock}`);
    note.addEventListener("change", () => this.#changed());
    note.addEventListener("keydown", (event) => event.key === "Enter" && note.blur());
    return note;
  }

  /** @returns {Mark[]} what was marked; afterwards there is nothing */
  finish() {
    const { list } = this;
    this.#lines.replaceChildren();
    this.#lines.hidden = true;
    return list;
  }
}
