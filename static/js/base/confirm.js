// Asks once before something is gone for good, and says what.

import { find, findAs } from "./dom.js";

/**
 * @param {{title: string, text: string, yes?: string}} words `yes` stands on the button that goes on
 * @returns {Promise<boolean>} whether to go on
 */
export function ask({ title, text, yes = "Delete" }) {
  const dialog = findAs(document, "#confirm", HTMLDialogElement);
  find(dialog, "#confirm-title").textContent = title;
  find(dialog, "#confirm-text").textContent = text;
  find(dialog, "[data-confirm-yes]").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
