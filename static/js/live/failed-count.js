// The number of failed jobs, wherever a page shows it.

import { find, list } from "../base/dom.js";

const MOST_SHOWN = 999;

/** @param {string | undefined} count as the server counted, up to one more than is shown */
export function showFailed(count = "0") {
  const words = Number(count) > MOST_SHOWN ? `${MOST_SHOWN}+` : count;
  find(document, "[data-failed-link]").hidden = count === "0";
  list(document, "[data-count=failed]").forEach((element) => (element.textContent = words));
}
