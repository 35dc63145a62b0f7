// The only place that calls the server: sends the page's version, and falls silent once the versions do not match.

import { publish, SIGNED_OUT as SIGNED_OUT_EVENT, VERSION_MISMATCH } from "./events.js";

/** What the server, or the way to it, answered instead of what was asked for. */
export class ApiError extends Error {
  /**
   * @param {string} code stable, for programs; "offline" and "aborted" are ours
   * @param {string} detail plain words
   * @param {number} status HTTP status, 0 where there was no answer
   * @param {number | null} offset of an upload, where the answer told it
   */
  constructor(code, detail, status = 0, offset = null) {
    super(detail);
    this.code = code;
    this.status = status;
    this.offset = offset;
  }
}

/** @typedef {{code?: string, detail?: string, errors?: Record<string, string[]>}} Problem */
/** @typedef {Omit<RequestInit, "headers"> & {headers?: Record<string, string>}} CallOptions */

const OFFLINE = "The server could not be reached. Check your connection and try again.";
const MISMATCH = "Transcribe was updated. Reload the page to go on.";
const SIGNED_OUT = "You were signed out. Sign in again to go on.";
const UNREADABLE = "What answered was not this server, or only half of it arrived. It is tried again.";
const TOO_LARGE = "This is larger than the server, or a proxy before it, accepts.";

const JSON_TYPE = { "Content-Type": "application/json", Accept: "application/json" };
const RECORDER_PROTOCOL = { "X-Recorder-Protocol": "1" };

let mismatched = false;

/** @returns {boolean} whether this page has learnt that it is of another version than the server */
export function isMismatched() {
  return mismatched;
}

/** Takes note of what the server says of this page's version. @param {object} problem */
export function noteMismatch(problem) {
  if (mismatched) return;
  mismatched = true;
  publish(VERSION_MISMATCH, problem);
}

/** @param {string} path below the root of the API */
export function findAddress(path) {
  return readMeta("api-root") + path;
}

/** @param {string} name */
export function readMeta(name) {
  const meta = document.querySelector(`meta[name="${name}"]`);
  return meta instanceof HTMLMetaElement ? meta.content : "";
}

/** The cookie comes first: it is renewed when somebody signs in again in another tab, the page's copy is not. */
function readCsrfToken() {
  return /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? readMeta("csrf-token");
}

/**
 * Names what is sent: sent again under the same key it finds the job that it made, should the answer have been lost.
 * What is sent in another language is not the same, so its code belongs to the key too.
 * @returns {string}
 */
export function makeKey() {
  // randomUUID would need https.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {Record<string, string>} extra */
function buildHeaders(extra) {
  return {
    Accept: "application/json, text/html",
    "X-Frontend-Version": readMeta("frontend-version"),
    "X-CSRFToken": readCsrfToken(),
    "X-Requested-With": "fetch",
    ...extra,
  };
}

function refuseWhenMismatched() {
  if (mismatched) throw new ApiError("version_mismatch", MISMATCH, 409);
}

/**
 * @param {number} status
 * @param {string} body
 * @param {number | null} offset
 * @returns {ApiError}
 */
function readProblem(status, body, offset) {
  /** @type {Problem} */
  let problem = {};
  try {
    problem = JSON.parse(body);
  } catch {
    // a proxy answered, not we
  }
  if (problem.code === "version_mismatch") noteMismatch(problem);
  if (status === 401 || problem.code === "other_person") publish(SIGNED_OUT_EVENT, null);
  return new ApiError(problem.code ?? `http_${status}`, chooseWords(status, problem), status, offset);
}

/**
 * @param {number} status
 * @param {Problem} problem
 */
function chooseWords(status, problem) {
  const fields = Object.values(problem.errors ?? {}).flat().join(" ");
  if (status === 401) return SIGNED_OUT;
  if (status === 413 && !problem.detail) return TOO_LARGE;
  return fields || problem.detail || `The server answered with an error (${status}). Try again later.`;
}

/**
 * Calls the server.
 * @param {string} url
 * @param {CallOptions} options
 * @returns {Promise<Response>} an answer that is fine, or 304
 * @throws {ApiError} any other
 */
export async function request(url, options = {}) {
  refuseWhenMismatched();
  return call(url, options);
}

/**
 * Calls the server for what has begun and goes on after an update: its protocol has a version of its own.
 * @param {string} url
 * @param {CallOptions} options
 * @returns {Promise<Response>}
 * @throws {ApiError}
 */
export async function requestForRecording(url, options = {}) {
  return call(url, { ...options, headers: { ...RECORDER_PROTOCOL, ...(options.headers ?? {}) } });
}

/**
 * Says whom a request is for, as somebody else may have signed in meanwhile; the server refuses it then.
 * @param {string} person "" where it is not known
 * @returns {Record<string, string>}
 */
export function namePerson(person) {
  return person ? { "X-Person": encodeURIComponent(person) } : {};
}

/**
 * Sends JSON for a recording.
 * @param {string} path below the root of the API
 * @param {object} body
 * @param {{person: string, method?: string}} options
 * @returns {Promise<Response>}
 * @throws {ApiError}
 */
export async function sendJson(path, body, { person, method = "POST" }) {
  const headers = { ...JSON_TYPE, ...namePerson(person) };
  return requestForRecording(findAddress(path), { method, headers, body: JSON.stringify(body) });
}

/** @param {string} key of a recording @param {string} person */
export async function deleteRecording(key, person) {
  await requestForRecording(findAddress(`recordings/${key}/`), { method: "DELETE", headers: namePerson(person) });
}

/**
 * @param {string} url
 * @param {CallOptions} options
 */
async function call(url, options) {
  const response = await fetchOrExplain(url, {
    credentials: "same-origin",
    cache: "no-store",
    redirect: "error",
    ...options,
    headers: buildHeaders(options.headers ?? {}),
  });
  if (response.ok || response.status === 304) return response;
  throw readProblem(response.status, await response.text().catch(() => ""), readOffset(response.headers.get("Upload-Offset")));
}

/**
 * @param {Response} response
 * @returns {Promise<any>} its JSON
 * @throws {ApiError} a proxy or the login page of a network answered, or the answer broke off
 */
export async function readJson(response) {
  try {
    return await response.json();
  } catch {
    throw new ApiError("unreadable", UNREADABLE);
  }
}

/**
 * @param {Response} response
 * @param {string} name
 * @returns {string}
 * @throws {ApiError} it is missing: something else answered
 */
export function readHeader(response, name) {
  const value = response.headers.get(name);
  if (value === null) throw new ApiError("unreadable", UNREADABLE);
  return value;
}

/** @param {string | null} text */
function readOffset(text) {
  return text === null ? null : Number(text);
}

/**
 * @param {string} url
 * @param {RequestInit} options
 */
async function fetchOrExplain(url, options) {
  try {
    return await fetch(url, options);
  } catch {
    throw new ApiError("offline", OFFLINE);
  }
}

/**
 * Sends bytes of an upload and tells how far they are; XMLHttpRequest, because fetch cannot tell.
 * @param {string} url
 * @param {Blob} body
 * @param {{headers: Record<string, string>, onProgress?: (bytes: number) => void, signal?: AbortSignal}} options
 * @returns {Promise<{offset: number, jobId: string | null}>}
 * @throws {ApiError}
 */
export function patchBytes(url, body, { headers, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const transfer = new XMLHttpRequest();
    transfer.open("PATCH", url);
    for (const [name, value] of Object.entries(buildHeaders(headers))) transfer.setRequestHeader(name, value);
    transfer.upload.addEventListener("progress", (event) => onProgress?.(event.loaded));
    transfer.addEventListener("load", () => {
      const offset = readOffset(transfer.getResponseHeader("Upload-Offset"));
      if (transfer.status === 204) resolve({ offset: offset ?? 0, jobId: transfer.getResponseHeader("X-Job-Id") });
      else reject(readProblem(transfer.status, transfer.responseText, offset));
    });
    transfer.addEventListener("error", () => reject(new ApiError("offline", OFFLINE)));
    transfer.addEventListener("abort", () => reject(new ApiError("aborted", "The upload was cancelled.")));
    signal?.addEventListener("abort", () => transfer.abort());
    if (signal?.aborted) reject(new ApiError("aborted", "The upload was cancelled."));
    else transfer.send(body);
  });
}
