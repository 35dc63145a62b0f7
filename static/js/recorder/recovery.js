// Offers what was left unfinished: by an earlier visit of this browser, or on the server by another one.
import { ApiError, deleteRecording, sendJson } from "../base/api.js";
import { ask } from "../base/confirm.js";
import { copyTemplate, find, findAs, findTarget, list } from "../base/dom.js";
import { listHeldLocks } from "../base/locks.js";
import { readPerson } from "../base/person.js";
import { downloadRecording } from "../send/recording-download.js";
import { nameLock, RecordingSender } from "../send/recording-sender.js";
import { openStore } from "../send/recording-store.js";
import { announce, showError } from "../base/say.js";
import { formatLength } from "../base/times.js";

/** @typedef {import("../send/recording-store.js").Recording} Recording */

export class Recovery {
  /** What this browser has, by its key. @type {Map<string, Recording>} */
  local = new Map();
  /** @type {Map<string, RecordingSender>} */
  senders = new Map();
  /** @type {HTMLElement} */
  #root;
  /** @type {{added: () => Promise<void>}} */
  #page;
  /** @type {HTMLElement} */
  #lines;
  #store = openStore();
  /** What each button does, by the name in its `data-`. @type {Record<string, (line: HTMLElement, recording?: Recording) => Promise<void>>} */
  #works = {
    finish: (line, recording) => (recording ? this.#sendRest(line, recording) : this.#finishThere(line)),
    download: (_, recording) => this.#download(recording),
    discard: (line, recording) => this.discard(line, recording),
  };

  /**
   * @param {HTMLElement} root with a line for each recording that the server knows
   * @param {{added: () => Promise<void>}} page
   */
  constructor(root, page) {
    this.#root = root;
    this.#page = page;
    this.#lines = find(root, "ul");
    root.addEventListener("click", (event) => this.#act(event));
    this.ready = this.#show();
  }

  /** What is here as well as there is offered once, and with what only this browser has. */
  async #show() {
    const store = await this.#store;
    const held = await listHeldLocks();
    const recordings = await store.listRecordings();
    // What was recorded offline while no person was known here belongs to the first who signs in.
    for (const recording of recordings.filter(({ owner }) => !owner || owner === readPerson())) {
      const line = this.#findLine(recording.key);
      if (held.has(nameLock(recording.key)) || recording.isDiscarded) line?.remove();
      else this.#offer(recording, line ?? this.#addLine(recording));
      if (recording.isDiscarded) (await this.#findSender(recording)).run(); // the server could not be reached then
    }
    this.#showLines();
  }

  #showLines() {
    this.#root.hidden = !this.#lines.children.length;
  }

  /** @param {string} key @returns {HTMLElement | undefined} */
  #findLine(key) {
    return list(this.#lines, `[data-key="${CSS.escape(key)}"]`)[0];
  }

  /** @param {Recording} recording */
  #addLine(recording) {
    const line = copyTemplate(findAs(this.#root, "template", HTMLTemplateElement));
    line.dataset.key = recording.key;
    find(line, "[data-title]").textContent = recording.title;
    this.#lines.append(line);
    return line;
  }

  /** @param {Recording} recording @param {HTMLElement} line */
  #offer(recording, line) {
    this.local.set(recording.key, recording);
    find(line, "[data-about]").textContent = `${formatLength(recording.seconds)} in this browser`;
    find(line, "[data-download]").hidden = false;
    if (recording.isOver) this.#sendRest(line, recording);
  }

  /** @param {MouseEvent} event */
  async #act(event) {
    const button = findTarget(event, "button");
    const line = findTarget(event, "[data-key]");
    const work = Object.keys(button?.dataset ?? {}).find((name) => name in this.#works);
    if (!(button instanceof HTMLButtonElement) || !line || !work) return;
    button.disabled = true;
    try {
      await this.#works[work](line, this.local.get(line.dataset.key ?? ""));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showError(error.message);
    }
    button.disabled = false;
    this.#showLines();
  }

  /** What the crash cut off is noted: from the last piece on nothing was recorded. @param {HTMLElement} line @param {Recording} recording */
  async #sendRest(line, recording) {
    const about = find(line, "[data-about]");
    about.textContent = "Sending what is here…";
    closeRecording(recording);
    const sender = await this.#findSender(recording);
    sender.on("trouble", ({ message }) => (about.textContent = `Kept here, tried again soon. ${message}`));
    if (await sender.run()) await this.#end(line);
  }

  /** @param {Recording} recording @returns {Promise<RecordingSender>} the one that may be at work */
  async #findSender(recording) {
    const store = await this.#store;
    const sender = this.senders.get(recording.key) ?? new RecordingSender(store, recording);
    this.senders.set(recording.key, sender);
    return sender;
  }

  /** @param {HTMLElement} line */
  async #finishThere(line) {
    await sendJson(`recordings/${line.dataset.id}/finish/`, { as_is: true }, { person: readPerson() });
    await this.#end(line);
  }

  /** @param {HTMLElement} line */
  async #end(line) {
    line.remove();
    this.#showLines();
    announce("The recording is finished; its text appears below.");
    await this.#page.added();
  }

  /** @param {Recording | undefined} recording */
  async #download(recording) {
    if (recording) await downloadRecording(await this.#store, recording);
  }

  /** Asks, then deletes a recording here and on the server. @param {HTMLElement} line @param {Recording} [recording] */
  async discard(line, recording) {
    const title = "Discard this recording?";
    if (!(await ask({ title, text: "Its audio will be gone for good.", yes: "Discard" }))) return;
    if (recording) await (await this.#findSender(recording)).discard();
    else await deleteRecording(line.dataset.id ?? "", readPerson());
    line.remove();
  }
}

/** @param {Recording} recording that an earlier visit began */
function closeRecording(recording) {
  recording.parts.forEach((part) => (part.isClosed = true));
  if (!recording.isOver) {
    recording.losses = [...recording.losses, { start: recording.seconds, seconds: 0, reason: "interrupted" }];
  }
  recording.isOver = true;
  recording.owner ||= readPerson();
}
