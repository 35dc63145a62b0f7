// The log of a job: what happens, as it happens.
import { LivePart } from "./live-part.js";

const root = document.querySelector("[data-live-log]");

new LivePart(root, { concerns: ({ job }) => job === root.dataset.key });
