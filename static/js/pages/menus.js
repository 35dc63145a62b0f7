// Closes <details> menus on Escape, on a click outside, and when another opens.

const MENUS = "details.menu[open]";

/** @param {Node | null} except */
function closeMenus(except) {
  for (const menu of document.querySelectorAll(MENUS)) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest(".menu-item") ? null : event.target);
});
document.addEventListener("focusin", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" ? document.querySelector(MENUS) : null;
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
