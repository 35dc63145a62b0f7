// What is noticed about the sound that reaches the microphone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SoundWatch } from "../../static/js/recorder/sound-watch.js";

/** @param {number[][]} moments time, level, whether muted, and the clock of the sound where it differs */
function hear(moments) {
  const watch = new SoundWatch();
  const alarms = moments.map(([now, level, isMuted = 0, soundClock = now]) =>
    watch.listen({ now, seconds: now, soundClock, level, isMuted: Boolean(isMuted) }),
  );
  watch.forget();
  return { alarms, losses: watch.losses };
}

/** @param {number} from @param {number} end seconds */
function keepQuiet(from, end) {
  return Array.from({ length: end - from }, (_, index) => [from + index, 0]);
}

test("sound raises no alarm", () => {
  const moments = Array.from({ length: 100 }, (_, index) => [index / 5, 0.2]);
  assert.deepEqual(hear(moments), { alarms: Array(100).fill(""), losses: [] });
});

test("silence counts from where it began to where it ended", () => {
  const { alarms, losses } = hear([[0, 0.2], ...keepQuiet(1, 15), [15, 0.2], [16, 0.2]]);
  assert.equal(alarms.indexOf("silence"), 9);
  assert.equal(alarms.at(-1), "");
  assert.deepEqual(losses, [{ start: 1, seconds: 14, reason: "silence" }]);
});

test("a short pause is no silence", () => {
  assert.deepEqual(hear([[0, 0.2], ...keepQuiet(1, 8), [8, 0.2]]).losses, []);
});

test("one loud moment is no distortion, many are", () => {
  assert.deepEqual(hear([[0, 0.2], [0.2, 1], [0.4, 0.2]]).alarms, ["", "", ""]);
  assert.equal(hear([0, 1, 2, 3, 4, 5].map((tick) => [tick / 5, 1])).alarms.at(-1), "clipped");
});

test("a muted microphone is reported before its silence", () => {
  const { alarms, losses } = hear([[0, 0.2], [1, 0, 1], [2, 0, 1], [3, 0.2]]);
  assert.deepEqual(alarms, ["", "muted", "muted", ""]);
  assert.deepEqual(losses, [{ start: 1, seconds: 2, reason: "muted" }]);
});

test("sleep is where time went on and sound did not", () => {
  const [loss, ...others] = hear([[0, 0.2, 0, 0], [1, 0.2, 0, 1], [31, 0.2, 0, 1.2]]).losses;
  assert.deepEqual([loss.start, loss.reason, others], [1, "suspended", []]);
  assert.ok(Math.abs(loss.seconds - 29.8) < 1e-6);
});
