// Draws the loudness of the last seconds as bars.

const BAR = 4;
const GAP = 2;
const FRAME_MS = 60;

export class LevelMeter {
  /** @type {HTMLCanvasElement} */
  #canvas;
  /** @type {() => number} */
  #read;
  /** @type {number[]} */
  #levels = [];
  #timer = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => number} read the loudness now, 0 to 1
   */
  constructor(canvas, read) {
    this.#canvas = canvas;
    this.#read = read;
  }

  start() {
    this.#levels = [];
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  #draw() {
    const { width, height } = this.#canvas;
    const count = Math.floor(width / (BAR + GAP));
    this.#levels = [...this.#levels, this.#read()].slice(-count);
    const pen = this.#canvas.getContext("2d");
    if (!pen) return;
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = getComputedStyle(this.#canvas).color;
    this.#levels.forEach((level, index) => {
      const size = Math.max(2, Math.min(1, level * 1.6) * height);
      pen.fillRect((count - this.#levels.length + index) * (BAR + GAP), (height - size) / 2, BAR, size);
    });
  }
}
