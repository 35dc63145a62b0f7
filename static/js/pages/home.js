// The home page: recorder, uploads and live cards, wired together.
import "./copy.js";
import { find, findTarget } from "../base/dom.js";
import { handleActions } from "../live/actions.js";
import { CardList } from "../live/card-list.js";
import { RecorderView } from "../recorder/recorder-view.js";
import { Recovery } from "../recorder/recovery.js";
import { takeShared } from "../send/shared-files.js";
import "../live/sign-in-again.js";
import { Uploads } from "../send/uploads.js";

const cards = new CardList(find(document, "[data-live-list]"));
const recorder = new RecorderView(find(document, "#recorder"), { showJob: (key) => cards.show(key) });
const uploads = new Uploads(find(document, "#drop-zone"), { added: () => cards.refresh() });
new Recovery(find(document, "#unfinished"), { added: () => cards.refresh() });

handleActions({ changed: () => cards.refresh(), deleted: () => cards.refresh() });
takeShared().then((files) => files.length && uploads.add(files));
document.addEventListener("click", (event) => {
  if (findTarget(event, "[data-record-too]")) recorder.start();
});
