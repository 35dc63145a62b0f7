// Marks: moments that somebody wants to find again, each with a note if they like.
import { announce } from "../base/say.js";
import { formatClock } from "../base/times.js";

const NOTE_LENGTH = 200;

export class Marks {
  /**
   * @param {HTMLElement} root
   * @param {() => void} changed
   */
  constructor(root, changed) {
    this.element = root.querySelector("[data-marks]");
    this.changed = changed;
  }

  /** @returns {{seconds: number, note: string}[]} */
  get list() {
    return [...this.element.children].map((line) => ({
      seconds: Number(line.dataset.seconds),
      note: line.querySelector("input").value.trim(),
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
    const note = document.createElement("input");
    Object.assign(note, { maxLength: NOTE_LENGTH, placeholder: "Note (optional)", className: "form-control" });
    note.setAttribute("aria-label", `Note for the mark at ${clock}`);
    note.addEventListener("change", () => this.changed());
    note.addEventListener("keydown", (event) => event.key === "Enter" && note.blur());
    line.append(label, note);
    this.element.append(line);
    this.element.hidden = false;
    note.focus();
    announce(`Marked at ${clock}.`);
    this.changed();
  }

  /** @returns {{seconds: number, note: string}[]} what was marked; afterwards there is nothing */
  finish() {
    const { list } = this;
    this.element.replaceChildren();
    this.element.hidden = true;
    return list;
  }
}
