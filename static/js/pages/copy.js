// Buttons that copy: data-copy is the address of a text, data-copy-from the id of a field that holds it.
import { request } from "../base/api.js";
import { find, findAs, findTarget } from "../base/dom.js";
import { announce, showError } from "../base/say.js";

const SHOWN_MS = 2000;

/** @param {HTMLElement} button @returns {Promise<string>} */
async function readText(button) {
  const { copy, copyFrom } = button.dataset;
  if (copyFrom) return findAs(document, `#${copyFrom}`, HTMLInputElement).value;
  const response = await request(copy ?? "", { headers: { Accept: "text/plain" } });
  return response.text();
}

/**
 * Pages on plain http have no clipboard of the new kind, and some browsers refuse it.
 * @param {string} text
 */
async function write(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    writeTheOldWay(text);
  }
}

/** @param {string} text */
function writeTheOldWay(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("The browser refused. Select the text and press Ctrl+C.");
}

/** @param {HTMLElement} word on the button */
function showCopied(word) {
  word.textContent = "Copied";
  announce("Copied");
  setTimeout(() => (word.textContent = "Copy"), SHOWN_MS);
}

document.addEventListener("click", async (event) => {
  const button = findTarget(event, "[data-copy], [data-copy-from]");
  if (!button) return;
  try {
    await write(await readText(button));
    showCopied(find(button, "[data-copy-word]"));
    button.focus();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    showError(`The text was not copied. ${error.message}`);
  }
});
