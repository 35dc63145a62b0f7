// What buttons and links of jobs do: cancel, retry, delete; each answers at once, and the page then shows the truth.
import { ApiError, isMismatched, request } from "../base/api.js";
import { findTarget } from "../base/dom.js";
import { ask } from "../base/confirm.js";
import { showError } from "../base/say.js";

/** @param {HTMLButtonElement} button with `data-api`, the address to post to */
async function act(button) {
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    await request(button.dataset.api ?? "", { method: "POST" });
  } catch (error) {
    showProblem(error);
  }
  button.removeAttribute("aria-busy");
  button.disabled = isMismatched();
}

/** @param {HTMLElement} link with `data-delete`, `data-name`, and perhaps `data-then` */
async function remove(link) {
  const title = `Delete “${link.dataset.name}”?`;
  if (!(await ask({ title, text: "Its audio and its text will be gone for good." }))) return false;
  try {
    await request(link.dataset.delete ?? "", { method: "DELETE" });
    return true;
  } catch (error) {
    showProblem(error);
    return false;
  }
}

/** @param {unknown} error */
function showProblem(error) {
  if (!(error instanceof ApiError)) throw error;
  if (error.code !== "version_mismatch") showError(error.message);
}

/**
 * Makes the controls of jobs work without leaving the page.
 * @param {{changed: () => Promise<void>, deleted: (link: HTMLElement) => void}} react
 */
export function handleActions({ changed, deleted }) {
  document.addEventListener("click", async (event) => {
    const control = findTarget(event, "[data-api], [data-delete]");
    if (!control || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (control.dataset.api && control instanceof HTMLButtonElement) await act(control).then(changed);
    else if (await remove(control)) deleted(control);
  });
}
