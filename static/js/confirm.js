// Asks once before something is gone for good, and says what.

/**
 * @param {{title: string, text: string}} words
 * @returns {Promise<boolean>} whether to go on
 */
export function ask({ title, text }) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("#confirm-title").textContent = title;
  dialog.querySelector("#confirm-text").textContent = text;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
