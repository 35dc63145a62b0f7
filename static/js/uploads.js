// Takes files that are dropped or chosen, sends them one after the other, and tells of each how it goes.
import { ApiError, makeKey, upload } from "./api.js";
import { holdPage } from "./leaving.js";
import { announce } from "./say.js";

const SHOWN_MS = 2500;

export class Uploads {
  /**
   * @param {HTMLElement} root
   * @param {{added: () => Promise<void>}} page
   */
  constructor(root, page) {
    this.root = root;
    this.page = page;
    this.form = root.querySelector("[data-upload-form]");
    this.list = root.querySelector("[data-uploads]");
    this.queue = [];
    this.isSending = false;
    this.input = this.form.querySelector("input[type=file]");
    this.input.addEventListener("change", () => this.choose());
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.watchDrops();
  }

  choose() {
    const files = [...this.input.files];
    this.input.value = "";
    this.add(files);
  }

  /** Files may be dropped anywhere on the page: beside the zone the browser would open them and leave. */
  watchDrops() {
    const mark = (isOver) => this.root.classList.toggle("is-over", isOver);
    document.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      mark(true);
    });
    document.addEventListener("dragleave", (event) => event.relatedTarget === null && mark(false));
    document.addEventListener("drop", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      mark(false);
      if (!this.input.disabled) this.add([...event.dataTransfer.files]);
    });
  }

  /** @param {File[]} files */
  add(files) {
    this.list.hidden = false;
    for (const file of files) this.enqueue(new UploadRow(this, file));
    this.sendNext();
  }

  /** @param {UploadRow} row */
  enqueue(row) {
    const problem = this.findProblem(row.file);
    if (problem) row.fail(problem, { canRetry: false });
    else this.queue.push(row);
  }

  /** @param {File} file */
  findProblem(file) {
    if (file.size === 0) return "This file is empty.";
    const { maxBytes, maxWords } = this.form.dataset;
    return file.size > Number(maxBytes) ? `This file is larger than ${maxWords}.` : "";
  }

  async sendNext() {
    if (this.isSending) return;
    this.isSending = true;
    const release = holdPage();
    while (this.queue.length) await this.send(this.queue.shift());
    release();
    this.isSending = false;
  }

  /** @param {UploadRow} row */
  async send(row) {
    const language = document.querySelector("[data-language]")?.value ?? "";
    const form = new FormData();
    form.append("audio", row.file, row.file.name);
    form.append("language", language);
    try {
      await upload(this.form.dataset.post, form, { key: `${row.key}-${language}`, ...row.watch() });
      row.finish();
      await this.page.added();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code !== "aborted") row.fail(error.message, { canRetry: true });
    }
  }

  /** @param {UploadRow} row */
  forget(row) {
    this.queue = this.queue.filter((waiting) => waiting !== row);
    row.element.remove();
    this.list.hidden = !this.list.children.length;
  }
}

/** One line of the list: a file on its way. */
class UploadRow {
  /**
   * @param {Uploads} uploads
   * @param {File} file
   */
  constructor(uploads, file) {
    this.uploads = uploads;
    this.file = file;
    this.key = makeKey();
    this.call = new AbortController();
    this.element = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
    this.get(".upload-name").textContent = file.name;
    this.get("progress").setAttribute("aria-label", `Upload of ${file.name}`);
    this.get("[data-upload-cancel]").addEventListener("click", () => this.cancel());
    this.get("[data-upload-again]").addEventListener("click", () => this.retry());
    this.show("Waiting");
    uploads.list.append(this.element);
  }

  /** @param {string} selector */
  get(selector) {
    return this.element.querySelector(selector);
  }

  /** @param {string} words */
  show(words) {
    this.get(".upload-state").textContent = words;
  }

  watch() {
    this.call = new AbortController();
    this.show("0 %");
    return { signal: this.call.signal, onProgress: (share) => this.showShare(share) };
  }

  /** @param {number} share 0 to 1 */
  showShare(share) {
    this.get("progress").value = share * 100;
    this.show(share < 1 ? `${Math.floor(share * 100)} %` : "Checking");
  }

  finish() {
    this.showShare(1);
    this.show("Added");
    this.get("[data-upload-cancel]").hidden = true;
    announce(`${this.file.name} was added.`);
    setTimeout(() => this.uploads.forget(this), SHOWN_MS);
  }

  /**
   * @param {string} words
   * @param {{canRetry: boolean}} options
   */
  fail(words, { canRetry }) {
    this.show("Not uploaded");
    this.get("progress").hidden = true;
    this.get(".upload-error").textContent = words;
    this.get("[data-upload-again]").hidden = !canRetry;
  }

  retry() {
    this.get(".upload-error").textContent = "";
    this.get("[data-upload-again]").hidden = true;
    this.get("progress").hidden = false;
    this.get("progress").value = 0;
    this.show("Waiting");
    this.uploads.queue.push(this);
    this.uploads.sendNext();
  }

  cancel() {
    this.call.abort();
    this.uploads.forget(this);
  }
}
