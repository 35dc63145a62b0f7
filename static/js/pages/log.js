// The log of a job: what happens, as it happens.
import { Fragment } from "../live/fragment.js";

const root = document.querySelector("[data-live-log]");

new Fragment(root, { concerns: ({ job }) => job === root.dataset.key });
