// What every page runs.
import "./menus.js";
