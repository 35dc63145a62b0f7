// Which recordings and files a page is making or sending right now: another one leaves them alone.

/** @returns {Promise<Set<string>>} the locks that are held by this page or another */
export async function listHeldLocks() {
  // Browsers have locks on https and localhost only.
  const { held } = (await navigator.locks?.query()) ?? { held: [] };
  return new Set((held ?? []).map((lock) => lock.name ?? ""));
}
