// The page for when the server cannot be reached: the recorder, and what waits to be sent.
import { find } from "../base/dom.js";
import { formatLength } from "../base/times.js";
import { readPerson } from "../base/person.js";
import { RecorderView } from "../recorder/recorder-view.js";
import { openStore } from "../send/recording-store.js";

const waiting = find(document, "[data-waiting]");

/** They are sent from the home page once it can be opened again. */
async function listWaiting() {
  const recordings = await (await openStore()).listRecordings();
  const mine = recordings.filter(({ owner, isDiscarded }) => owner === readPerson() && !isDiscarded);
  const lines = mine.map(({ title, seconds }) => {
    const line = document.createElement("li");
    line.textContent = `${title}, ${formatLength(seconds)}`;
    return line;
  });
  find(waiting, "ul").replaceChildren(...lines);
  waiting.hidden = !lines.length;
}

new RecorderView(find(document, "#recorder"), { showJob: async () => false });
listWaiting();
