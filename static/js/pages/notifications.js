// The settings of notifications: this browser is added, or removed.
import { readJson, request } from "../base/api.js";
import { find, findAs, listAs } from "../base/dom.js";
import { showError } from "../base/say.js";

const WORDS = {
  lacking: "This browser can't notify you while no page is open. On an iPhone, add Transcribe to the home screen first.",
  insecure: "Browsers allow this on https and on localhost alone.",
  denied: "This browser is set not to show notifications of this site. Change that in its settings.",
  off: "This browser does not notify you.",
  on: "This browser notifies you, also while no page of Transcribe is open.",
};
const PATIENCE_MS = 4000;
const JSON_TYPE = { "Content-Type": "application/json", Accept: "application/json" };

const root = find(document, "[data-push]");
const words = find(root, "[data-push-words]");
const turnOn = findAs(root, "[data-push-on]", HTMLButtonElement);
const turnOff = findAs(root, "[data-push-off]", HTMLButtonElement);
const [tabBox] = listAs(document, "input[name=in_tab]", HTMLInputElement);
const api = root.dataset.api ?? "";

/** @param {keyof typeof WORDS} state */
function show(state) {
  words.textContent = WORDS[state];
  turnOn.hidden = state !== "off";
  turnOff.hidden = state !== "on";
}

async function look() {
  try {
    await lookAtBrowser();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    words.textContent = error.message;
  }
}

async function lookAtBrowser() {
  if (!isSecureContext) return show("insecure");
  if (!window.PushManager || !navigator.serviceWorker || !(await hasWorker())) return show("lacking");
  if (Notification.permission === "denied") return show("denied");
  return show((await findKnown(await findSubscription())) ? "on" : "off");
}

/** A browser that does not trust the certificate has no service worker, and never gets one. */
function hasWorker() {
  const patience = new Promise((resolve) => setTimeout(() => resolve(false), PATIENCE_MS));
  return Promise.race([navigator.serviceWorker.ready.then(() => true), patience]);
}

async function findSubscription() {
  const registration = await navigator.serviceWorker.ready;
  return registration.pushManager.getSubscription();
}

/**
 * The server may have forgotten this browser, or know it as that of another person: then nothing comes.
 * @param {PushSubscription | null} subscription
 * @returns {Promise<{id: string} | undefined>} what the server knows this browser by
 */
async function findKnown(subscription) {
  if (!subscription) return undefined;
  const known = await readJson(await request(api, { headers: { Accept: "application/json" } }));
  /** @type {{id: string, endpoint: string}[]} */
  const rows = known.results;
  return rows.find((row) => row.endpoint === subscription.endpoint);
}

/** Browsers ask for the permission at a click alone. */
async function subscribe() {
  const registration = await navigator.serviceWorker.ready;
  // One that is left over from another person, or from before this server got another key.
  await (await findSubscription())?.unsubscribe();
  const applicationServerKey = readKey();
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  const { endpoint, keys } = subscription.toJSON();
  const body = JSON.stringify({ endpoint, p256dh: keys?.p256dh, auth: keys?.auth, label: nameBrowser() });
  try {
    await request(api, { method: "POST", headers: JSON_TYPE, body });
  } catch (error) {
    await subscription.unsubscribe();
    throw error;
  }
}

/** The key of the server, which the page has in the alphabet of addresses. */
function readKey() {
  const text = (root.dataset.key ?? "").replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

async function unsubscribe() {
  const subscription = await findSubscription();
  const own = await findKnown(subscription);
  if (own) await request(`${api}${own.id}/`, { method: "DELETE" });
  await subscription?.unsubscribe();
}

/** @returns {string} such as "Chrome on Linux", as far as it says */
function nameBrowser() {
  /** @type {Navigator & {userAgentData?: {brands?: {brand: string}[], platform?: string}}} */
  const { userAgentData: { brands = [], platform = "" } = {} } = navigator;
  const brand = brands.map((row) => row.brand).find((name) => !/not.?a.?brand/i.test(name)) ?? "";
  const found = brand || /(Firefox|Safari|Edg|Chrome)/.exec(navigator.userAgent)?.[1] || "Browser";
  return `${found} on ${platform || navigator.platform}`.slice(0, 100);
}

/** @param {HTMLButtonElement} button @param {() => Promise<void>} work */
async function keepBusy(button, work) {
  button.setAttribute("aria-busy", "true");
  try {
    await work();
    location.reload();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (Notification.permission !== "denied") showError(error.message);
    await look();
  } finally {
    button.removeAttribute("aria-busy");
  }
}

turnOn.addEventListener("click", () => keepBusy(turnOn, subscribe));
turnOff.addEventListener("click", () => keepBusy(turnOff, unsubscribe));
tabBox?.addEventListener("change", () => tabBox.checked && window.Notification?.requestPermission());
look();
