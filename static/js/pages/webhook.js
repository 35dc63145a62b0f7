// The page of a webhook: how each call goes, as it goes.
import "./copy.js";
import { find } from "../base/dom.js";
import { Fragment } from "../live/fragment.js";

// When a job ends something may be called.
new Fragment(find(document, "[data-live-webhook]"), { isInFeed: false, concerns: ({ kind }) => kind === "state" });
