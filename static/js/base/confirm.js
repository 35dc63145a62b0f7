// Asks once before something is gone for good, and says what.

/**
 * @param {{title: string, text: string, yes?: string}} words `yes` stands on the button that goes on
 * @returns {Promise<boolean>} whether to go on
 */
export function ask({ title, text, yes = "Delete" }) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("#confirm-title").textContent = title;
  dialog.querySelector("#confirm-text").textContent = text;
  dialog.querySelector("[data-confirm-yes]").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
