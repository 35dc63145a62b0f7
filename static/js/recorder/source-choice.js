// Which sound is recorded: a microphone, that of a tab or the system, or both; remembered for the next time.

const REMEMBERED = "transcribe-source";

export class SourceChoice {
  /**
   * @param {HTMLElement} root
   * @param {() => void} changed
   */
  constructor(root, changed) {
    this.kinds = root.querySelector("[data-source]");
    this.devices = root.querySelector("[data-device]");
    this.kinds.addEventListener("change", () => this.choose(changed));
    this.devices.addEventListener("change", () => this.choose(changed));
    const { kind = "microphone", deviceId = "" } = JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}");
    this.deviceId = deviceId;
    if (navigator.mediaDevices?.getDisplayMedia) this.kinds.value = kind;
    else this.kinds.querySelectorAll("option:not([value=microphone])").forEach((option) => option.remove());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.refresh());
    this.refresh();
  }

  /** @returns {import("./recorder.js").Source} */
  get chosen() {
    return { kind: this.kinds.value, deviceId: this.devices.value };
  }

  choose(changed) {
    this.deviceId = this.devices.value;
    localStorage.setItem(REMEMBERED, JSON.stringify(this.chosen));
    this.show();
    changed();
  }

  /** Names are told only once the microphone was allowed. */
  async refresh() {
    const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    const inputs = all.filter((device) => device.kind === "audioinput" && device.deviceId !== "default");
    const named = inputs.filter((device) => device.label);
    const options = named.map((device) => new Option(device.label, device.deviceId));
    this.devices.replaceChildren(new Option("Microphone of the system", ""), ...options);
    this.devices.value = named.some((device) => device.deviceId === this.deviceId) ? this.deviceId : "";
    this.show();
  }

  show() {
    this.devices.parentElement.hidden = this.devices.options.length < 2 || this.kinds.value === "screen";
  }
}
