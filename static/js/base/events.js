// The events of the whole page, and those of single objects, with the types of what they carry.

export const VERSION_MISMATCH = "version-mismatch";
export const SIGNED_OUT = "signed-out";
export const SIGNED_IN = "signed-in";
export const RECORDING_CHANGE = "recording-change";
/** Dispatched by `theme.js`, which is no module. */
export const THEME_CHANGE = "theme-change";

/**
 * What each event of the page carries; of a recording: none, one that grows, or one that is only in this page.
 * @typedef {{
 *   "version-mismatch": object,
 *   "signed-out": null,
 *   "signed-in": null,
 *   "recording-change": "idle" | "recording" | "kept",
 *   "theme-change": null,
 * }} PageEvents
 */

/**
 * Publishes an event of the page.
 * @template {keyof PageEvents} Name
 * @param {Name} name
 * @param {PageEvents[Name]} detail
 */
export function publish(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

/**
 * Calls `act` for each event of a name.
 * @template {keyof PageEvents} Name
 * @param {Name} name
 * @param {(detail: PageEvents[Name]) => void} act
 * @returns {() => void} ends that
 */
export function subscribe(name, act) {
  const listener = (/** @type {Event} */ event) => act(readDetail(event));
  document.addEventListener(name, listener);
  return () => document.removeEventListener(name, listener);
}

/** @param {Event} event */
function readDetail(event) {
  return event instanceof CustomEvent ? event.detail : null;
}

/**
 * An object with events of its own.
 * @template {object} Events the type of the detail by the name of the event
 */
export class Emitter extends EventTarget {
  /**
   * Calls `act` for each event of a name.
   * @template {keyof Events & string} Name
   * @param {Name} name
   * @param {(detail: Events[Name]) => void} act
   */
  on(name, act) {
    this.addEventListener(name, (event) => act(readDetail(event)));
  }

  /**
   * Publishes an event.
   * @template {keyof Events & string} Name
   * @param {Name} name
   * @param {Events[Name]} detail
   */
  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
