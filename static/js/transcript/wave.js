// Draws the stored loudness of a recording, with the part already heard in another colour.

import { subscribe, THEME_CHANGE } from "../base/events.js";

const BAR = 3;
const GAP = 1;

export class Wave {
  /** @type {HTMLCanvasElement} */
  #canvas;
  /** @type {number[]} */
  #peaks = [];
  #share = 0;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.#draw()).observe(canvas);
    subscribe(THEME_CHANGE, () => this.#draw());
  }

  /** @param {number[]} peaks 0 to 100, evenly over the recording */
  setPeaks(peaks) {
    this.#peaks = peaks;
    this.#draw();
  }

  /** @param {number} share of the recording that was heard, 0 to 1 */
  setShare(share) {
    this.#share = share;
    this.#draw();
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = devicePixelRatio;
    this.#canvas.width = width * scale;
    this.#canvas.height = height * scale;
    const pen = this.#canvas.getContext("2d");
    if (!pen) return;
    pen.scale(scale, scale);
    const style = getComputedStyle(this.#canvas);
    const count = Math.floor(width / (BAR + GAP));
    for (let index = 0; index < count; index += 1) {
      const size = Math.max(2, (this.#measure(index / count, (index + 1) / count) / 100) * height);
      pen.fillStyle = index / count < this.#share ? style.getPropertyValue("--wave-heard") : style.color;
      pen.fillRect(index * (BAR + GAP), (height - size) / 2, BAR, size);
    }
  }

  /**
   * @param {number} from share of the recording
   * @param {number} to
   * @returns {number} the loudest peak in between
   */
  #measure(from, to) {
    const first = Math.floor(from * this.#peaks.length);
    const last = Math.max(first + 1, Math.floor(to * this.#peaks.length));
    return Math.max(0, ...this.#peaks.slice(first, last));
  }
}
