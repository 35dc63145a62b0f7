// Makes the recorder open without a network from now on; browsers allow that on https and localhost alone.
import { readMeta } from "../base/api.js";

const address = readMeta("service-worker");
if (address) navigator.serviceWorker?.register(address).catch(() => {}); // certificates without trust are refused
