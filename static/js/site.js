// What every page runs.
import "./menus.js";
import "./mismatch.js";
import "./times.js";
