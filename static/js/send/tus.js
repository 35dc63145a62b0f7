// Uploads that can be resumed, by the tus protocol 1.0.0; they go on also after the program was updated.
import { ApiError, findAddress, namePerson, patchBytes, readHeader, requestForRecording } from "../base/api.js";

const PROTOCOL = { "Tus-Resumable": "1.0.0" };
const NOT_KEPT = "The server did not keep all that was sent. It is sent again.";
const PIECE_TYPE = "application/offset+octet-stream";

/** @param {string} person whom it is for */
function buildHeaders(person) {
  return { ...PROTOCOL, ...namePerson(person) };
}

/** @param {Record<string, string | number>} metadata */
function encodeMetadata(metadata) {
  const encode = (/** @type {string | number} */ value) => toBase64(new TextEncoder().encode(String(value)));
  return Object.entries(metadata)
    .map(([key, value]) => `${key} ${encode(value)}`)
    .join(",");
}

/** @param {Uint8Array} bytes */
function toBase64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** Browsers make checksums only on https and localhost. @param {Blob} blob @returns {Promise<Record<string, string>>} */
async function buildChecksum(blob) {
  if (!crypto.subtle || !blob.size) return {};
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return { "Upload-Checksum": `sha256 ${toBase64(new Uint8Array(digest))}` };
}

/**
 * Begins an upload; a part of a recording that was begun before is found again.
 * @param {Record<string, string | number>} metadata
 * @param {{person: string, length?: number | null}} options `length` in bytes, null while it is not known
 * @returns {Promise<string>} its address
 * @throws {import("../base/api.js").ApiError}
 */
export async function createUpload(metadata, { person, length = null }) {
  /** @type {Record<string, string>} */
  const size = length === null ? { "Upload-Defer-Length": "1" } : { "Upload-Length": String(length) };
  const headers = { ...buildHeaders(person), ...size, "Upload-Metadata": encodeMetadata(metadata) };
  const response = await requestForRecording(findAddress("uploads/"), { method: "POST", headers });
  return readHeader(response, "Location");
}

/**
 * Asks how far an upload is.
 * @param {string} url
 * @param {string} person
 * @returns {Promise<{offset: number, jobId: string | null}>}
 * @throws {import("../base/api.js").ApiError}
 */
export async function readUpload(url, person) {
  const response = await requestForRecording(url, { method: "HEAD", headers: buildHeaders(person) });
  return { offset: Number(readHeader(response, "Upload-Offset")), jobId: response.headers.get("X-Job-Id") };
}

/**
 * Adds bytes where the upload ends.
 * @param {string} url
 * @param {Blob} blob
 * @param {number} offset
 * @param {{person: string, length?: number, onProgress?: (bytes: number) => void, signal?: AbortSignal}} options
 *   `length` of the whole, where it was not known before
 * @returns {Promise<{offset: number, jobId: string | null}>}
 * @throws {ApiError} its `offset` tells where the upload ends, if not at the one given, or not after all that was sent
 */
export async function sendBytes(url, blob, offset, { person, length, onProgress, signal }) {
  /** @type {Record<string, string>} */
  const size = length === undefined ? {} : { "Upload-Length": String(length) };
  const sum = await buildChecksum(blob);
  const start = { "Content-Type": PIECE_TYPE, "Upload-Offset": String(offset) };
  const headers = { ...buildHeaders(person), ...size, ...sum, ...start };
  const answer = await patchBytes(url, blob, { headers, onProgress, signal });
  if (answer.offset !== offset + blob.size) throw new ApiError("upload_offset_mismatch", NOT_KEPT, 409, answer.offset);
  return answer;
}

/** Gives an upload up. @param {string} url @param {string} person @throws {import("../base/api.js").ApiError} */
export async function removeUpload(url, person) {
  await requestForRecording(url, { method: "DELETE", headers: buildHeaders(person) });
}
