// The page of a webhook: how each call goes, as it goes.
import "./copy.js";
import { LivePart } from "./live-part.js";

// When a job ends something may be called.
new LivePart(document.querySelector("[data-live-webhook]"), { isTold: false, concerns: ({ kind }) => kind === "state" });
