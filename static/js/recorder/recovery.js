// Offers what was left unfinished: by an earlier visit of this browser, or on the server by another one.
import { ApiError, deleteRecording, sendJson } from "../base/api.js";
import { ask } from "../base/confirm.js";
import { listHeldLocks } from "../base/locks.js";
import { readPerson } from "../base/person.js";
import { downloadRecording } from "../send/recording-download.js";
import { nameLock, RecordingSender } from "../send/recording-sender.js";
import { openStore } from "../send/recording-store.js";
import { announce, showError } from "../base/say.js";
import { formatLength } from "../base/times.js";

export class Recovery {
  /**
   * @param {HTMLElement} root with a line for each recording that the server knows
   * @param {{added: () => Promise<void>}} page
   */
  constructor(root, page) {
    this.root = root;
    this.page = page;
    this.list = root.querySelector("ul");
    /** @type {Map<string, RecordingSender>} */
    this.senders = new Map();
    root.addEventListener("click", (event) => this.act(event));
    this.ready = this.show();
  }

  /** What is here as well as there is offered once, and with what only this browser has. */
  async show() {
    this.store = await openStore();
    const held = await listHeldLocks();
    const recordings = await this.store.listRecordings();
    this.local = new Map();
    // What was recorded offline before anybody was known here belongs to whoever signs in first.
    for (const recording of recordings.filter(({ owner }) => !owner || owner === readPerson())) {
      const line = this.findLine(recording.key);
      if (held.has(nameLock(recording.key)) || recording.isDiscarded) line?.remove();
      else this.offer(recording, line ?? this.addLine(recording));
      if (recording.isDiscarded) this.findSender(recording).run(); // the server could not be told then
    }
    this.showList();
  }

  showList() {
    this.root.hidden = !this.list.children.length;
  }

  /** @param {string} key */
  findLine(key) {
    return this.list.querySelector(`[data-key="${CSS.escape(key)}"]`);
  }

  /** @param {import("../send/recording-store.js").Recording} recording */
  addLine(recording) {
    const line = this.root.querySelector("template").content.firstElementChild.cloneNode(true);
    line.dataset.key = recording.key;
    line.querySelector("[data-title]").textContent = recording.title;
    this.list.append(line);
    return line;
  }

  offer(recording, line) {
    this.local.set(recording.key, recording);
    line.querySelector("[data-about]").textContent = `${formatLength(recording.seconds)} in this browser`;
    line.querySelector("[data-download]").hidden = false;
    if (recording.isOver) this.sendRest(line, recording);
  }

  /** @param {MouseEvent} event */
  async act(event) {
    const button = event.target.closest("button");
    const line = button?.closest("[data-key]");
    if (!line) return;
    const work = Object.keys(button.dataset).find((name) => name in this.works);
    button.disabled = true;
    try {
      await this.works[work](line, this.local.get(line.dataset.key));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      showError(error.message);
    }
    button.disabled = false;
    this.showList();
  }

  works = {
    finish: (line, recording) => (recording ? this.sendRest(line, recording) : this.finishThere(line)),
    download: (line, recording) => downloadRecording(this.store, recording),
    discard: (line, recording) => this.discard(line, recording),
  };

  /** What the crash cut off is told: from the last piece on nothing was recorded. */
  async sendRest(line, recording) {
    const about = line.querySelector("[data-about]");
    about.textContent = "Sending what is here…";
    recording.parts.forEach((part) => (part.isClosed = true));
    if (!recording.isOver) {
      recording.losses = [...recording.losses, { start: recording.seconds, seconds: 0, reason: "interrupted" }];
    }
    recording.isOver = true;
    recording.owner ||= readPerson();
    const sender = this.findSender(recording);
    sender.addEventListener("trouble", ({ detail }) => (about.textContent = `Kept here, tried again soon. ${detail.message}`));
    if (await sender.run()) await this.end(line);
  }

  /** @param {import("../send/recording-store.js").Recording} recording @returns {RecordingSender} the one that may be at work */
  findSender(recording) {
    const { key } = recording;
    if (!this.senders.has(key)) this.senders.set(key, new RecordingSender(this.store, recording));
    return this.senders.get(key);
  }

  async finishThere(line) {
    await sendJson(`recordings/${line.dataset.id}/finish/`, { as_is: true }, { person: readPerson() });
    await this.end(line);
  }

  async end(line) {
    line.remove();
    this.showList();
    announce("The recording is finished; its text appears below.");
    await this.page.added();
  }

  async discard(line, recording) {
    const title = "Discard this recording?";
    if (!(await ask({ title, text: "Its audio will be gone for good.", yes: "Discard" }))) return;
    if (recording) await this.findSender(recording).discard();
    else await deleteRecording(line.dataset.id, readPerson());
    line.remove();
  }
}
