// Buttons with data-copy="ID" copy the value or text of the element with that id, and say so.

const SAID_MS = 2000;

/** @param {HTMLElement} source @returns {boolean} whether it worked */
function copySelection(source) {
  // Without HTTPS browsers have no navigator.clipboard; a selection can be copied everywhere.
  const selection = document.getSelection();
  if (source instanceof HTMLInputElement || source instanceof HTMLTextAreaElement) source.select();
  else selection.selectAllChildren(source);
  return document.execCommand("copy");
}

/** @param {HTMLElement} source @returns {Promise<boolean>} whether it worked */
export async function copyFrom(source) {
  const text = "value" in source ? source.value : source.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelection(source);
  }
}

/** @param {HTMLElement} button @param {string} words */
function say(button, words) {
  const label = button.querySelector("span:not(.visually-hidden)") ?? button;
  button.dataset.label ??= label.textContent;
  label.textContent = words;
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = words;
  clearTimeout(Number(button.dataset.timer));
  button.dataset.timer = String(setTimeout(() => (label.textContent = button.dataset.label), SAID_MS));
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const source = button && document.getElementById(button.dataset.copy);
  if (source) say(button, (await copyFrom(source)) ? "Copied" : "Press Ctrl+C to copy");
});
