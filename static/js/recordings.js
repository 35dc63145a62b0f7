// The list of recordings: deleting asks in place, everything else is plain links and forms.
import { handleActions } from "./actions.js";
import { announce } from "./say.js";

handleActions({
  changed: async () => {},
  deleted: (link) => {
    link.closest("article").remove();
    announce(`${link.dataset.name} was deleted.`);
    document.getElementById("main").focus();
  },
});
