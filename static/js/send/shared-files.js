// Files that another app has shared with this one: the service worker keeps them until a page takes them.

const SHARED = "transcribe-shared";

/** @param {Response} response */
async function readFile(response) {
  const type = response.headers.get("Content-Type") ?? "";
  return new File([await response.blob()], decodeURIComponent(response.headers.get("X-Name") ?? ""), { type });
}

/** @returns {Promise<File[]>} what waits; afterwards nothing does */
export async function takeShared() {
  if (!(await window.caches?.has(SHARED))) return [];
  const shared = await caches.open(SHARED);
  const files = [];
  for (const request of await shared.keys()) {
    const response = await shared.match(request);
    if (response) files.push(await readFile(response));
    await shared.delete(request);
  }
  return files;
}
