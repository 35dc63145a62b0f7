// What every page runs.
import "../live/live-state.js";
import "./menus.js";
import "../live/mismatch.js";
import "../live/new-version.js";
import "../base/person.js";
import "./service-worker-start.js";
import "../live/tab-notice.js";
import "../base/times.js";
