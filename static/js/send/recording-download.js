// Hands somebody what this browser has of a recording, as files.
import { buildFiles } from "./recording-store.js";

/** The time that browsers may take to begin with it. */
const KEPT_MS = 60_000;

/**
 * @param {import("./recording-store.js").Store} store
 * @param {import("./recording-store.js").Recording} recording
 */
export async function downloadRecording(store, recording) {
  for (const file of await buildFiles(store, recording)) save(file);
}

/** @param {File} file */
function save(file) {
  const link = document.createElement("a");
  Object.assign(link, { href: URL.createObjectURL(file), download: file.name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
