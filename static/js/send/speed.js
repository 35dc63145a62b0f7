// How fast something is sent, and how long it takes still.

const UNITS = ["B", "kB", "MB", "GB"];

/** @param {number} bytes */
function formatBytes(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1000)));
  const value = bytes / 1000 ** power;
  return `${value < 10 && power ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}`;
}

/** @param {number} seconds */
function formatWait(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s left`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min left` : `${Math.round(seconds / 3600)} h left`;
}

/**
 * @param {number} bytes that are still to be sent
 * @param {number} speed in bytes a second, 0 while it is not known
 * @returns {string} to be put behind a percentage
 */
export function describeRest(bytes, speed) {
  return speed > 0 && Number.isFinite(speed) ? ` · ${formatBytes(speed)}/s · ${formatWait(bytes / speed)}` : "";
}
