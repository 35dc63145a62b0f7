// Says how much may still be recorded here, and whether the browser promises to keep it.

const BYTES_PER_SECOND = 16_000;
const MOST_HOURS = 100;

/** @param {number} bytes @returns {string} how many hours of audio they are */
function describeHours(bytes) {
  const hours = Math.floor(bytes / BYTES_PER_SECOND / 3600);
  if (hours >= MOST_HOURS) return `more than ${MOST_HOURS} h`;
  return hours ? `about ${hours} h` : "less than 1 h";
}

/** @param {HTMLElement} line */
export async function describeFreeSpace(line) {
  if (!navigator.storage?.estimate) return;
  const isLasting = (await navigator.storage.persisted()) || (await navigator.storage.persist());
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  const risk = isLasting ? "" : ", but may drop what has not been sent yet when the disk of this device gets full";
  line.textContent = `This browser has room for ${describeHours(quota - usage)} of audio${risk}.`;
  line.hidden = false;
}
