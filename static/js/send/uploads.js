// Takes files that are dropped or chosen, sends two at a time, and tells of each how it goes.
import { copyTemplate, find, findAs } from "../base/dom.js";
import { FileSender, forgetBegun, listBegun, measureBegun } from "./file-sender.js";
import { holdPage } from "../base/leaving.js";
import { readLanguage } from "../base/language.js";
import { announce } from "../base/say.js";
import { describeRest } from "./speed.js";

const SHOWN_MS = 2500;
const AT_ONCE = 2;

export class Uploads {
  /** @type {HTMLElement} */
  #root;
  /** @type {{added: () => Promise<void>}} */
  #page;
  /** @type {HTMLElement} */
  #form;
  /** @type {HTMLInputElement} */
  #input;
  /** @type {UploadRow[]} */
  #queue = [];
  #sending = 0;

  /**
   * @param {HTMLElement} root
   * @param {{added: () => Promise<void>}} page
   */
  constructor(root, page) {
    this.#root = root;
    this.#page = page;
    this.#form = find(root, "[data-upload-form]");
    this.list = find(root, "[data-uploads]");
    this.#input = findAs(this.#form, "input[type=file]", HTMLInputElement);
    this.#input.addEventListener("change", () => this.choose());
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.watchDrops();
    this.listBegun();
  }

  /** What an earlier visit began is told, so that the same file can be chosen again. */
  async listBegun() {
    for (const begun of await listBegun()) {
      const bytes = await measureBegun(begun);
      if (bytes !== null) this.list.append(buildBegunRow(begun, bytes, () => this.showList()));
    }
    this.showList();
  }

  showList() {
    this.list.hidden = !this.list.children.length;
  }

  choose() {
    const files = [...(this.#input.files ?? [])];
    this.#input.value = "";
    this.add(files);
  }

  /** Files may be dropped anywhere on the page: beside the zone the browser would open them and leave. */
  watchDrops() {
    const mark = (/** @type {boolean} */ isOver) => this.#root.classList.toggle("is-over", isOver);
    document.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      mark(true);
    });
    document.addEventListener("dragleave", (event) => event.relatedTarget === null && mark(false));
    document.addEventListener("drop", (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      mark(false);
      if (!this.#input.disabled) this.add([...event.dataTransfer.files]);
    });
  }

  /** @param {File[]} files */
  add(files) {
    this.list.hidden = false;
    for (const file of files) this.enqueue(new UploadRow(this, file));
    this.#sendNext();
  }

  /** @param {UploadRow} row */
  enqueue(row) {
    const problem = this.findProblem(row.file);
    if (problem) row.fail(problem, { canRetry: false });
    else this.#queue.push(row);
  }

  /** @param {File} file */
  findProblem(file) {
    if (file.size === 0) return "This file is empty.";
    const { maxBytes, maxWords } = this.#form.dataset;
    return file.size > Number(maxBytes) ? `This file is larger than ${maxWords}.` : "";
  }

  /** @param {UploadRow} row */
  sendAgain(row) {
    this.#queue.push(row);
    this.#sendNext();
  }

  #sendNext() {
    for (let row; this.#sending < AT_ONCE && (row = this.#queue.shift()); ) this.#send(row);
  }

  /** @param {UploadRow} row */
  async #send(row) {
    this.#sending += 1;
    const release = holdPage();
    const isThere = await row.send(readLanguage());
    release();
    this.#sending -= 1;
    this.#sendNext();
    if (isThere) await this.#page.added();
  }

  /** @param {UploadRow} row */
  forget(row) {
    this.#queue = this.#queue.filter((waiting) => waiting !== row);
    row.element.remove();
    this.showList();
  }
}

/** A copy of the row of an upload. */
function copyRow() {
  return copyTemplate(findAs(document, "#upload-row", HTMLTemplateElement));
}

/**
 * @param {import("./file-sender.js").Begun} begun
 * @param {number} bytes that are there
 * @param {() => void} gone called after it was given up
 */
function buildBegunRow(begun, bytes, gone) {
  const row = copyRow();
  row.dataset.memory = begun.memory;
  find(row, ".upload-name").textContent = begun.name;
  find(row, ".upload-state").textContent = `${Math.floor((bytes / begun.size) * 100)} % is here`;
  findAs(row, "progress", HTMLProgressElement).value = (bytes / begun.size) * 100;
  find(row, "progress").setAttribute("aria-label", `Upload of ${begun.name}`);
  find(row, ".upload-hint").textContent = "Choose this file again to go on where it stopped.";
  find(row, "[data-upload-cancel]").addEventListener("click", () => {
    forgetBegun(begun);
    row.remove();
    gone();
  });
  return row;
}

/** One line of the list: a file on its way. */
class UploadRow {
  /** @type {Uploads} */
  #uploads;
  /** @type {FileSender | undefined} */
  #sender;

  /**
   * @param {Uploads} uploads
   * @param {File} file
   */
  constructor(uploads, file) {
    this.#uploads = uploads;
    this.file = file;
    this.element = copyRow();
    this.#get(".upload-name").textContent = file.name;
    this.#progress.setAttribute("aria-label", `Upload of ${file.name}`);
    this.#get("[data-upload-cancel]").addEventListener("click", () => this.cancel());
    this.#get("[data-upload-again]").addEventListener("click", () => this.retry());
    this.show("Waiting");
    uploads.list.append(this.element);
  }

  /** @param {string} selector */
  #get(selector) {
    return find(this.element, selector);
  }

  get #progress() {
    return findAs(this.element, "progress", HTMLProgressElement);
  }

  /** @param {string} words */
  show(words) {
    this.#get(".upload-state").textContent = words;
  }

  /** @param {string} language @returns {Promise<boolean>} whether it became a job */
  async send(language) {
    const startedAt = performance.now();
    /** @type {number | undefined} */
    let first;
    this.#sender = new FileSender(this.file, language, {
      progress: (bytes) => {
        const begun = (first ??= bytes);
        this.#showBytes(bytes, (bytes - begun) / ((performance.now() - startedAt) / 1000));
      },
      waiting: (words) => this.wait(words),
    });
    this.#uploads.list.querySelector(`[data-memory="${CSS.escape(this.#sender.memory)}"]`)?.remove();
    try {
      if (!(await this.#sender.send())) return false;
      this.finish();
      return true;
    } catch (error) {
      this.fail(error instanceof Error ? error.message : "", { canRetry: true });
      return false;
    }
  }

  /** @param {number} bytes that are there @param {number} speed in bytes a second */
  #showBytes(bytes, speed) {
    const share = bytes / this.file.size;
    this.#get(".upload-error").textContent = "";
    this.#progress.value = share * 100;
    this.show(share < 1 ? `${Math.floor(share * 100)} %${describeRest(this.file.size - bytes, speed)}` : "Checking");
  }

  /** It goes on by itself. @param {string} words */
  wait(words) {
    this.show("Waiting");
    this.#get(".upload-error").textContent = `${words} It goes on by itself.`;
  }

  finish() {
    this.#progress.value = 100;
    this.#get(".upload-error").textContent = "";
    this.show("Added");
    this.#get("[data-upload-cancel]").hidden = true;
    announce(`${this.file.name} was added.`);
    setTimeout(() => this.#uploads.forget(this), SHOWN_MS);
  }

  /**
   * @param {string} words
   * @param {{canRetry: boolean}} options
   */
  fail(words, { canRetry }) {
    this.show("Not uploaded");
    this.#progress.hidden = true;
    this.#get(".upload-error").textContent = words;
    this.#get("[data-upload-again]").hidden = !canRetry;
  }

  retry() {
    this.#get(".upload-error").textContent = "";
    this.#get("[data-upload-again]").hidden = true;
    this.#progress.hidden = false;
    this.#progress.value = 0;
    this.show("Waiting");
    this.#uploads.sendAgain(this);
  }

  cancel() {
    this.#sender?.cancel();
    this.#uploads.forget(this);
  }
}
