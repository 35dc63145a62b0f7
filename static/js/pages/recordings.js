// The list of recordings: true at any time, and deleting asks in place; everything else is plain links and forms.
import { find } from "../base/dom.js";
import { handleActions } from "../live/actions.js";
import { Fragment } from "../live/fragment.js";
import { announce } from "../base/say.js";

// How far a job is does not show here.
const live = new Fragment(find(document, "[data-live-recordings]"), { concerns: ({ kind }) => kind !== "progress" });

handleActions({
  changed: () => live.refresh(),
  deleted: (link) => {
    link.closest("article")?.remove();
    announce(`${link.dataset.name} was deleted.`);
    find(document, "#main").focus();
    live.refresh();
  },
});
