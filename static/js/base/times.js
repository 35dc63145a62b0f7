// Keeps relative times fresh, with the exact time in the reader's own time zone as title.

import { listAs } from "./dom.js";

const UNITS = [
  { size: 60, limit: 3600, name: "min" },
  { size: 3600, limit: 86400, name: "h" },
  { size: 86400, limit: 604800, name: "d" },
];
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const REFRESH_MS = 20_000;

/**
 * @param {number} age seconds
 * @param {Date} moment
 */
function describeAge(age, moment) {
  if (age < 45) return "just now";
  const unit = UNITS.find(({ size, limit }) => age < limit - size / 2);
  return unit ? `${Math.max(1, Math.round(age / unit.size))} ${unit.name} ago` : DAY.format(moment);
}

/** @param {number} wait seconds until something is to come */
function describeWait(wait) {
  if (wait < 45) return "in a moment";
  const { size, name } = wait < 3570 ? UNITS[0] : UNITS[1];
  return `in ${Math.max(1, Math.round(wait / size))} ${name}`;
}

/** Brings every relative time of the page up to date. */
export function refreshTimes() {
  for (const element of listAs(document, "time[data-relative]", HTMLTimeElement)) {
    const moment = new Date(element.dateTime);
    const age = (Date.now() - moment.getTime()) / 1000;
    const words = element.dataset.relative === "ahead" ? describeWait(-age) : describeAge(age, moment);
    if (element.textContent !== words) element.textContent = words;
    const exact = EXACT.format(moment);
    if (element.title !== exact) element.title = exact;
  }
}

/**
 * @param {number} seconds
 * @returns {string} 0:07, 12:41 or 1:02:03
 */
export function formatClock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/**
 * @param {number} seconds that a recording lasts
 * @returns {string} the same as the server writes: to the nearest second, never 0:00
 */
export function formatLength(seconds) {
  return formatClock(Math.max(1, Math.floor(seconds + 0.5)));
}

refreshTimes();
setInterval(refreshTimes, REFRESH_MS);
