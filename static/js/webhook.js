// The page of a webhook: how each call goes, as it goes.
import "./copy.js";
import { LivePart } from "./live-part.js";
import { showError } from "./say.js";

new LivePart(document.querySelector("[data-live-webhook]"), {
  isTold: false,
  // When a job ends something may be called.
  concerns: ({ kind }) => kind === "state",
  onGone: () => showError("This webhook was deleted."),
});
