// The head of a recorder's stream, and how fast something is sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeRest } from "../../static/js/send/speed.js";
import { cutHead } from "../../static/js/send/stream-head.js";

/** @param {string} mediaType @param {string[]} texts */
async function readHead(mediaType, texts) {
  return (await cutHead(new Blob(texts), mediaType)).text();
}

test("the head of a stream is what comes before its first sound", async () => {
  assert.equal(await readHead("audio/mp4", ["ftyp", "moov", "0000", "moof"]), "ftypmoov");
  assert.equal(await readHead("audio/ogg", ["OggS1", "OggS2", "OggS3"]), "OggS1OggS2");
  const cluster = new Uint8Array([0x1f, 0x43, 0xb6, 0x75]);
  assert.equal(await (await cutHead(new Blob(["head", cluster, "sound"]), "audio/webm;codecs=opus")).text(), "head");
});

test("a stream without a first sound has no head", async () => {
  assert.equal(await readHead("audio/mp4", ["ftyp", "moov"]), "");
});

test("the time left follows from the speed", () => {
  assert.equal(describeRest(0, 0), "");
  assert.equal(describeRest(1_000_000, 100_000), " · 100 kB/s · 10 s left");
  assert.equal(describeRest(90_000_000, 1_000_000), " · 1.0 MB/s · 2 min left");
});
