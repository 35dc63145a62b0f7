// Tells people things: aloud to screen readers, and as a message that stays until it is dismissed.

import { copyTemplate, find, findAs, list } from "./dom.js";

/** @param {string} text read out politely by screen readers */
export function announce(text) {
  const region = find(document, "#announcer");
  const line = document.createElement("p");
  line.textContent = text;
  region.append(line);
  while (region.children.length > 5) region.firstElementChild?.remove();
}

/** @param {string} text an error, in plain words */
export function showError(text) {
  const toasts = find(document, "#toasts");
  const shown = list(toasts, "p").some((line) => line.textContent === text);
  if (shown) return;
  const toast = copyTemplate(findAs(document, "#toast-template", HTMLTemplateElement));
  find(toast, "p").textContent = text;
  find(toast, "[data-dismiss]").addEventListener("click", () => toast.remove());
  toasts.append(toast);
}
