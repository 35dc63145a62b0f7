// Asks before the page is left while something in it would be lost.

const holds = new Set();

/**
 * Makes leaving the page ask first.
 * @returns {() => void} call it when nothing would be lost any more
 */
export function holdPage() {
  const hold = {};
  holds.add(hold);
  return () => holds.delete(hold);
}

/** @returns {boolean} whether something would be lost now */
export function isHeld() {
  return holds.size > 0;
}

addEventListener("beforeunload", (event) => {
  if (holds.size) event.preventDefault();
});
