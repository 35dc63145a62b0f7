// Buttons with data-copy-from="ID" copy what is in the field with that id, and say so.
import { announce } from "./say.js";

const SAID_MS = 2000;

/** @param {HTMLInputElement} field @returns {Promise<boolean>} whether it worked */
async function copyFrom(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // Pages on plain http have no clipboard of the new kind, and some browsers refuse it.
    return document.execCommand("copy");
  }
}

/** @param {HTMLButtonElement} button @param {string} words */
function showFor(button, words) {
  const label = button.querySelector("span");
  label.textContent = words;
  announce(words);
  setTimeout(() => (label.textContent = "Copy"), SAID_MS);
}

for (const button of document.querySelectorAll("[data-copy-from]")) {
  button.addEventListener("click", async () => {
    const done = await copyFrom(document.getElementById(button.dataset.copyFrom));
    showFor(button, done ? "Copied" : "Selected: press Ctrl+C");
  });
}
