// Closes <details> menus on Escape, on a click outside, and when another opens.

import { find, findTarget, listAs } from "../base/dom.js";

const MENUS = "details.menu[open]";

function listOpen() {
  return listAs(document, MENUS, HTMLDetailsElement);
}

/** @param {EventTarget | null} except */
function closeMenus(except) {
  for (const menu of listOpen()) {
    if (!(except instanceof Node && menu.contains(except))) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(findTarget(event, ".menu-item") ? null : event.target);
});
document.addEventListener("focusin", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  const [menu] = event.key === "Escape" ? listOpen() : [];
  if (!menu) return;
  menu.open = false;
  find(menu, "summary").focus();
});
