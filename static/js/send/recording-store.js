// Keeps what is being recorded in this browser until the server has confirmed the whole; survives a crash of the page.

/** Rows say in which format they are, so that newer pages can read those of older ones; pieces of 1 have no `start`. */
const FORMAT = 2;
/** @type {Record<string, string>} */
const SUFFIXES = { "audio/ogg": "ogg", "audio/mp4": "m4a" };
const NAME = "transcribe-recordings";

/**
 * @typedef {{format: number, key: string, owner: string, title: string, language: string, mediaType: string,
 *   startedAt: number, seconds: number, parts: {isClosed: boolean}[], isOver: boolean, isDiscarded?: boolean,
 *   marks: {seconds: number, note: string}[], losses: {start: number, seconds: number, reason: string}[]}} Recording
 * @typedef {{format: number, key: string, part: number, index: number, start?: number, blob: Blob, seconds: number}} Piece
 *   `start` is its first byte in the part
 */

/**
 * @template Result
 * @param {IDBRequest<Result>} request
 * @returns {Promise<Result>}
 */
function read(request) {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
}

/** @param {IDBTransaction} change @returns {Promise<void>} */
function settle(change) {
  return new Promise((resolve, reject) => {
    change.addEventListener("complete", () => resolve());
    change.addEventListener("error", () => reject(change.error));
    change.addEventListener("abort", () => reject(change.error));
  });
}

async function openDatabase() {
  const opening = indexedDB.open(NAME, 1);
  opening.addEventListener("upgradeneeded", () => {
    opening.result.createObjectStore("recordings", { keyPath: "key" });
    opening.result.createObjectStore("pieces", { keyPath: ["key", "part", "index"] });
  });
  return read(opening);
}

/** What the browser itself keeps. */
class DiskStore {
  /** What the disk had no room for; it lasts as long as the page. @type {Piece[]} */
  overflow = [];
  /** @type {IDBDatabase} */
  database;

  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
  }

  /**
   * Browsers close the storage of pages that sleep, iOS above all: it is opened anew once.
   * @template T
   * @param {(database: IDBDatabase) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async #use(work) {
    try {
      return await work(this.database);
    } catch (error) {
      if (error instanceof DOMException && error.name === "QuotaExceededError") throw error;
      this.database = await openDatabase();
      return work(this.database);
    }
  }

  /** @param {Recording} recording */
  async saveRecording(recording) {
    await this.#use(async (database) => {
      const change = database.transaction("recordings", "readwrite");
      change.objectStore("recordings").put({ ...recording, format: FORMAT });
      await settle(change);
    });
  }

  /** A piece is kept in any case. @param {Omit<Piece, "format">} piece @throws {DOMException} not on the disk */
  async addPiece(piece) {
    const row = { ...piece, format: FORMAT };
    try {
      await this.#use(async (database) => {
        const change = database.transaction("pieces", "readwrite", { durability: "strict" });
        change.objectStore("pieces").put(row);
        await settle(change);
      });
    } catch (error) {
      this.overflow.push(row);
      throw error;
    }
  }

  /** @returns {Promise<Recording[]>} */
  async listRecordings() {
    return this.#use(async (database) => read(database.transaction("recordings").objectStore("recordings").getAll()));
  }

  /**
   * @param {string} key
   * @param {number} part
   * @param {number} from the first index wanted
   * @returns {Promise<Piece[]>}
   */
  async listPieces(key, part, from = 0) {
    const range = IDBKeyRange.bound([key, part, from], [key, part, Infinity]);
    const pieces = await this.#use(async (database) =>
      read(database.transaction("pieces").objectStore("pieces").getAll(range)),
    );
    const others = this.overflow.filter((piece) => piece.key === key && piece.part === part && piece.index >= from);
    return [...pieces, ...others].sort((left, right) => left.index - right.index);
  }

  /** @param {string} key */
  async remove(key) {
    await this.#use(async (database) => {
      const change = database.transaction(["recordings", "pieces"], "readwrite");
      change.objectStore("recordings").delete(key);
      change.objectStore("pieces").delete(IDBKeyRange.bound([key], [key, Infinity, Infinity]));
      await settle(change);
    });
    this.overflow = this.overflow.filter((piece) => piece.key !== key);
  }
}

/** For browsers that keep nothing, as some do in private windows: what is recorded lasts as long as the page. */
class MemoryStore {
  /** @type {Map<string, Recording>} */
  #recordings = new Map();
  /** @type {Piece[]} */
  #pieces = [];

  /** @param {Recording} recording */
  async saveRecording(recording) {
    this.#recordings.set(recording.key, recording);
  }

  /** @param {Omit<Piece, "format">} piece */
  async addPiece(piece) {
    this.#pieces.push({ ...piece, format: FORMAT });
  }

  async listRecordings() {
    return [...this.#recordings.values()];
  }

  /** @param {string} key @param {number} part @param {number} from */
  async listPieces(key, part, from = 0) {
    return this.#pieces.filter((piece) => piece.key === key && piece.part === part && piece.index >= from);
  }

  /** @param {string} key */
  async remove(key) {
    this.#recordings.delete(key);
    this.#pieces = this.#pieces.filter((piece) => piece.key !== key);
  }
}

/** @typedef {DiskStore | MemoryStore} Store */
/** @type {Promise<Store> | undefined} */
let opened;

/** @returns {Promise<Store>} the one store of this page */
export function openStore() {
  opened ??= openDatabase().then(
    (database) => new DiskStore(database),
    () => new MemoryStore(),
  );
  return opened;
}

/**
 * @param {Store} store
 * @param {Recording} recording
 * @returns {Promise<File[]>} what is here of a recording, a file for each of its parts
 */
export async function buildFiles(store, recording) {
  const type = recording.mediaType.split(";")[0];
  const suffix = SUFFIXES[type] ?? "webm";
  const files = [];
  for (let part = 0; part < recording.parts.length; part += 1) {
    const pieces = await store.listPieces(recording.key, part);
    const name = recording.parts.length > 1 ? `recording-${part + 1}.${suffix}` : `recording.${suffix}`;
    if (pieces.length) files.push(new File(pieces.map((piece) => piece.blob), name, { type }));
  }
  return files;
}
