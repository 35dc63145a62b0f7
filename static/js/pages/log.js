// The log of a job: what happens, as it happens.
import { find } from "../base/dom.js";
import { Fragment } from "../live/fragment.js";

const root = find(document, "[data-live-log]");

new Fragment(root, { concerns: ({ job }) => job === root.dataset.key });
