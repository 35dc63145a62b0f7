// Tells people things: aloud to screen readers, and as a message that stays until it is dismissed.

/** @param {string} text read out politely by screen readers */
export function announce(text) {
  const region = document.getElementById("announcer");
  const line = document.createElement("p");
  line.textContent = text;
  region.append(line);
  while (region.children.length > 5) region.firstElementChild.remove();
}

/** @param {string} text an error, in plain words */
export function showError(text) {
  const toasts = document.getElementById("toasts");
  const shown = [...toasts.querySelectorAll("p")].some((line) => line.textContent === text);
  if (shown) return;
  const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  toast.querySelector("p").textContent = text;
  toast.querySelector("[data-dismiss]").addEventListener("click", () => toast.remove());
  toasts.append(toast);
}
