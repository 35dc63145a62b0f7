// The page of a webhook: how each call goes, as it goes.
import "./copy.js";
import { Fragment } from "../live/fragment.js";

// When a job ends something may be called.
new Fragment(document.querySelector("[data-live-webhook]"), { isInFeed: false, concerns: ({ kind }) => kind === "state" });
