// Keeps the screen on while something is recorded: phones put pages to sleep with it.

/**
 * Call it after the page shows that it records: some browsers freeze otherwise.
 * @returns {() => void} ends that
 */
export function keepAwake() {
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  let isWanted = true;
  const take = async () => {
    if (!isWanted || document.visibilityState !== "visible" || !navigator.wakeLock) return;
    try {
      lock = await navigator.wakeLock.request("screen");
      if (!isWanted) lock.release();
    } catch {
      // a battery that is nearly empty forbids it
    }
  };
  document.addEventListener("visibilitychange", take);
  take();
  return () => {
    isWanted = false;
    document.removeEventListener("visibilitychange", take);
    lock?.release();
  };
}
