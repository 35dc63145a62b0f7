// Which sound is recorded: a microphone, that of a tab or the system, or both; remembered for the next time.
import { findAs, list } from "../base/dom.js";

const REMEMBERED = "transcribe-source";

export class SourceChoice {
  /** @type {HTMLSelectElement} */
  #kinds;
  /** @type {HTMLSelectElement} */
  #devices;
  /** @type {string} */
  #deviceId;
  /** @type {() => void} */
  #changed;

  /**
   * @param {HTMLElement} root
   * @param {() => void} changed
   */
  constructor(root, changed) {
    this.#changed = changed;
    this.#kinds = findAs(root, "[data-source]", HTMLSelectElement);
    this.#devices = findAs(root, "[data-device]", HTMLSelectElement);
    this.#kinds.addEventListener("change", () => this.#choose());
    this.#devices.addEventListener("change", () => this.#choose());
    const { kind = "microphone", deviceId = "" } = JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}");
    this.#deviceId = deviceId;
    if (!navigator.mediaDevices?.getDisplayMedia) this.#offerOnlyMicrophones();
    else this.#kinds.value = kind;
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.refresh());
    this.refresh();
  }

  #offerOnlyMicrophones() {
    list(this.#kinds, "option:not([value=microphone])").forEach((option) => option.remove());
  }

  /** @returns {import("./recorder.js").Source} */
  get chosen() {
    const { value } = this.#kinds;
    const kind = value === "screen" || value === "both" ? value : "microphone";
    return { kind, deviceId: this.#devices.value };
  }

  #choose() {
    this.#deviceId = this.#devices.value;
    localStorage.setItem(REMEMBERED, JSON.stringify(this.chosen));
    this.#show();
    this.#changed();
  }

  /** Browsers name microphones only once the microphone was allowed. */
  async refresh() {
    const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    const inputs = all.filter((device) => device.kind === "audioinput" && device.deviceId !== "default");
    const named = inputs.filter((device) => device.label);
    const options = named.map((device) => new Option(device.label, device.deviceId));
    this.#devices.replaceChildren(new Option("Microphone of the system", ""), ...options);
    this.#devices.value = named.some((device) => device.deviceId === this.#deviceId) ? this.#deviceId : "";
    this.#show();
  }

  #show() {
    const isNeedless = this.#devices.options.length < 2 || this.#kinds.value === "screen";
    if (this.#devices.parentElement) this.#devices.parentElement.hidden = isNeedless;
  }
}
