// The number of failed jobs, wherever a page shows it.

const MOST_SHOWN = 999;

/** @param {string} count as the server counted, up to one more than is shown */
export function showFailed(count) {
  const words = Number(count) > MOST_SHOWN ? `${MOST_SHOWN}+` : count;
  document.querySelector("[data-failed-link]").hidden = count === "0";
  document.querySelectorAll("[data-count=failed]").forEach((place) => (place.textContent = words));
}
