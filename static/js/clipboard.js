// Copies the text of a transcript; pages on plain http have no clipboard of the new kind, so there is the old way too.
import { request } from "./api.js";
import { announce, showError } from "./say.js";

const SHOWN_MS = 2000;

/** @param {string} text */
function copyTheOldWay(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("The browser refused to copy.");
}

/**
 * @param {HTMLElement} button with `data-copy`, the address of the text
 */
export async function copyTranscript(button) {
  try {
    const response = await request(button.dataset.copy, { headers: { Accept: "text/plain" } });
    const text = await response.text();
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else copyTheOldWay(text);
    showCopied(button.querySelector("[data-copy-word]"));
  } catch (error) {
    showError(`The text was not copied. ${error.message}`);
  }
}

/** @param {HTMLElement} word */
function showCopied(word) {
  word.textContent = "Copied";
  announce("Copied");
  setTimeout(() => (word.textContent = "Copy"), SHOWN_MS);
}
