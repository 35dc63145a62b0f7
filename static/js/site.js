// What every page runs.
import "./menus.js";
import "./mismatch.js";
import "./person.js";
import "./service-worker-start.js";
import "./times.js";
