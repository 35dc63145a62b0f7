// What a recorder hands out is kept in order, before anything is sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { RecordingSession } from "../../static/js/recorder/recording-session.js";

/** A store in memory; `fail` says which pieces it refuses. */
function makeStore(fail = () => false) {
  const rows = [];
  return {
    rows,
    addPiece: async ({ part, index, start, blob }) => {
      if (fail(index)) throw new DOMException("full", "QuotaExceededError");
      rows.push(`piece ${part}.${index} from ${start}, ${blob.size} bytes`);
    },
    saveRecording: async ({ parts, isOver }) => {
      rows.push(`recording ${parts.map(({ isClosed }) => (isClosed ? "closed" : "open"))}${isOver ? " over" : ""}`);
    },
  };
}

function begin(store) {
  const recording = { key: "a", parts: [], mediaType: "", seconds: 0, isOver: false, marks: [], losses: [] };
  return new RecordingSession(store, recording);
}

const ENDING = { seconds: 4, marks: [], losses: [] };

test("each piece says where in its part it begins", async () => {
  const store = makeStore();
  const session = begin(store);
  session.beginPart(0, "audio/webm");
  session.keepPiece({ part: 0, blob: new Blob(["abc"]), seconds: 2 });
  session.keepPiece({ part: 0, blob: new Blob(["de"]), seconds: 4 });
  assert.equal(await session.end(ENDING), true);
  const pieces = store.rows.filter((row) => row.startsWith("piece"));
  assert.deepEqual(pieces, ["piece 0.0 from 0, 3 bytes", "piece 0.1 from 3, 2 bytes"]);
});

test("a part is closed only after its last piece is kept", async () => {
  const store = makeStore();
  const session = begin(store);
  session.beginPart(0, "audio/webm");
  session.keepPiece({ part: 0, blob: new Blob(["abc"]), seconds: 2 });
  session.beginPart(1, "audio/webm");
  session.keepPiece({ part: 1, blob: new Blob(["de"]), seconds: 4 });
  await session.end(ENDING);
  const last = store.rows.findIndex((row) => row.startsWith("piece 0"));
  const closed = store.rows.findIndex((row) => row.includes("closed"));
  assert.ok(last >= 0 && last < closed);
  assert.deepEqual(session.recording.parts, [{ isClosed: true }, { isClosed: true }]);
  assert.equal(session.recording.isOver, true);
});

test("a recording without a piece is nothing", async () => {
  const session = begin(makeStore());
  session.beginPart(0, "audio/webm");
  assert.equal(await session.end(ENDING), false);
  assert.equal(session.recording.isOver, false);
});

test("what the store refuses is announced, and the rest is kept", async () => {
  const store = makeStore((index) => index === 0);
  const session = begin(store);
  let unkept = 0;
  session.on("unkept", () => (unkept += 1));
  session.beginPart(0, "audio/webm");
  session.keepPiece({ part: 0, blob: new Blob(["abc"]), seconds: 2 });
  session.keepPiece({ part: 0, blob: new Blob(["de"]), seconds: 4 });
  await session.end(ENDING);
  assert.equal(unkept, 1);
  assert.ok(store.rows.includes("piece 0.1 from 3, 2 bytes"));
});

test("the type of the first part is that of the recording", () => {
  const session = begin(makeStore());
  session.beginPart(0, "audio/webm");
  session.beginPart(1, "audio/ogg");
  assert.equal(session.recording.mediaType, "audio/webm");
});
