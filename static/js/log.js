// The log of a job: what happens, as it happens.
import { LivePart } from "./live-part.js";
import { showError } from "./say.js";

const root = document.querySelector("[data-live-log]");

new LivePart(root, {
  concerns: ({ job }) => job === root.dataset.key,
  onGone: () => showError("This recording was deleted. What you see here is gone from the server."),
});
