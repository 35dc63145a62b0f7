// The language that is chosen on the page for what is recorded or uploaded.

/** @returns {string} its code; "" where it is to be detected */
export function readLanguage() {
  const choice = document.querySelector("[data-language]");
  return choice instanceof HTMLSelectElement ? choice.value : "";
}
