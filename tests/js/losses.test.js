// How losses are brought into as few as the server takes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeLosses } from "../../static/js/send/losses.js";

test("losses beside each other are one", () => {
  const found = mergeLosses([
    { start: 5, seconds: 1, reason: "clipped" },
    { start: 1, seconds: 3.5, reason: "clipped" },
    { start: 2, seconds: 1, reason: "muted" },
    { start: 9, seconds: 0, reason: "clipped" },
  ]);
  assert.deepEqual(found, [
    { start: 1, seconds: 5, reason: "clipped" },
    { start: 2, seconds: 1, reason: "muted" },
    { start: 9, seconds: 0, reason: "clipped" },
  ]);
});

test("there are never more losses than the server takes", () => {
  const many = Array.from({ length: 5000 }, (_, index) => ({ start: 3 * index, seconds: 1, reason: "clipped" }));
  const merged = mergeLosses(many);
  const last = merged[merged.length - 1];
  assert.ok(merged.length > 0 && merged.length <= 1000);
  assert.deepEqual([merged[0].start, last.start + last.seconds], [0, 3 * 4999 + 1]);
});

test("what is merged stays as it was", () => {
  const loss = { start: 1, seconds: 1, reason: "clipped" };
  mergeLosses([loss, { start: 2, seconds: 5, reason: "clipped" }]);
  assert.deepEqual(loss, { start: 1, seconds: 1, reason: "clipped" });
});
