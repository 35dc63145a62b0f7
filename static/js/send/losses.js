// Brings what could not be heard into as few lines as the server takes.

/** The server takes so many. */
const MOST_LOSSES = 1000;
/** Losses of one kind with so little between them are one to whoever reads the text. */
const NEAR_SECONDS = 1;

/**
 * @typedef {{start: number, seconds: number, reason: string}} Loss
 * @param {Loss[]} losses in any order
 * @returns {Loss[]} in the order of their beginning, those of one kind that are near each other in one
 */
export function mergeLosses(losses) {
  let merged = losses;
  for (let near = NEAR_SECONDS; near === NEAR_SECONDS || merged.length > MOST_LOSSES; near *= 2) merged = merge(losses, near);
  return merged;
}

/** @param {Loss[]} losses @param {number} near @returns {Loss[]} */
function merge(losses, near) {
  /** @type {Loss[]} */
  const merged = [];
  /** @type {Record<string, Loss>} */
  const last = {};
  for (const loss of [...losses].sort((left, right) => left.start - right.start)) {
    const before = last[loss.reason];
    if (before && loss.start - (before.start + before.seconds) <= near) extend(before, loss);
    else merged.push((last[loss.reason] = { ...loss }));
  }
  return merged;
}

/** @param {Loss} before @param {Loss} loss */
function extend(before, loss) {
  before.seconds = Math.max(before.seconds, loss.start + loss.seconds - before.start);
}
