// Sets light or dark before the first paint, and remembers the choice; classic, so that nothing flashes.
(() => {
  const KEY = "transcribe-theme";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  /** @returns {"system" | "light" | "dark"} */
  function readChoice() {
    try {
      const choice = localStorage.getItem(KEY);
      return choice === "light" || choice === "dark" ? choice : "system";
    } catch {
      return "system"; // storage is closed to this page
    }
  }

  /** @param {string} choice */
  function keepChoice(choice) {
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // the choice then holds for this page only
    }
  }

  /** @param {string} choice */
  function applyChoice(choice) {
    const isDark = choice === "dark" || (choice === "system" && dark.matches);
    root.dataset.bsTheme = isDark ? "dark" : "light";
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-theme-choice]"))) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    }
    document.dispatchEvent(new CustomEvent("theme-change"));
  }

  root.classList.add("js");
  /** @type {string} */
  let chosen = readChoice();
  applyChoice(chosen);
  dark.addEventListener("change", () => applyChoice(chosen));
  document.addEventListener("DOMContentLoaded", () => applyChoice(chosen));
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-theme-choice]") : null;
    if (!button) return;
    chosen = button.getAttribute("data-theme-choice") ?? "system";
    keepChoice(chosen);
    applyChoice(chosen);
  });
})();
