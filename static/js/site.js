// What every page runs.
import "./live-state.js";
import "./menus.js";
import "./mismatch.js";
import "./new-version.js";
import "./person.js";
import "./service-worker-start.js";
import "./tab-notice.js";
import "./times.js";
