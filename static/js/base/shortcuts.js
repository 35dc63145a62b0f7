// Single-key shortcuts: never while somebody types, and off for whoever does not want them.

import { findTarget, listAs } from "./dom.js";

const SETTING = "transcribe-keys";
const TYPING = "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable]";

/** @param {KeyboardEvent} event @returns {boolean} whether a single key may do something */
export function areKeysOn(event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.repeat) return false;
  return localStorage.getItem(SETTING) !== "off" && !findTarget(event, TYPING);
}

for (const box of listAs(document, "[data-keys]", HTMLInputElement)) {
  box.checked = localStorage.getItem(SETTING) !== "off";
  box.addEventListener("change", () => localStorage.setItem(SETTING, box.checked ? "on" : "off"));
}
