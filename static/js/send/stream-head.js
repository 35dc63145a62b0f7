// Finds the head of a recorder's stream, which every reader of the sound after it needs.

/** What a first sound begins with, how many others begin so before it, and how many bytes stand before that mark. */
/** @type {Record<string, {mark: string, others: number, before: number}>} */
const SOUNDS = {
  "audio/webm": { mark: "\x1fC\xb6u", others: 0, before: 0 },
  "audio/ogg": { mark: "OggS", others: 2, before: 0 },
  "audio/mp4": { mark: "moof", others: 0, before: 4 },
};

/**
 * @param {Blob} blob the beginning of a stream
 * @param {string} mediaType
 * @returns {Promise<Blob>} what comes before its first sound; empty where that is not found
 */
export async function cutHead(blob, mediaType) {
  const { mark, others, before } = SOUNDS[mediaType.split(";")[0]] ?? SOUNDS["audio/webm"];
  const text = new TextDecoder("latin1").decode(await blob.arrayBuffer());
  let start = text.indexOf(mark);
  for (let seen = 0; seen < others && start >= 0; seen += 1) start = text.indexOf(mark, start + 1);
  return blob.slice(0, Math.max(0, start - before));
}
