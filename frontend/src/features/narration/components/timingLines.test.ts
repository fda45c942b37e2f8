import { expect, test } from "vitest";
import { IDLE_STATE, type NarrationState } from "../store/narrationStore";
import { hasTimings, timingLines } from "./timingLines";

const SECOND = IDLE_STATE.sampleRate;

const TOLD: NarrationState = {
  ...IDLE_STATE,
  bufferedSamples: 30 * SECOND,
  underruns: 1,
  timings: {
    firstTextMs: 310,
    firstSoundMs: 584,
    server: { rtf: 0.02, engine_first_chunk_s: 0.012, engine_wait_s: 0 },
  },
};

function lines(state: NarrationState, position = 0) {
  return Object.fromEntries(timingLines(state, position).map(({ name, value }) => [name, value]));
}

test("the waits of a told scene are said in words", () => {
  expect(lines(TOLD, 18 * SECOND)).toEqual({
    "First words": "after 0.31 s",
    "First sound": "after 0.58 s",
    "Ready to play": "12 s ahead",
    Gaps: "one",
    "Lost connections": "none",
    "Voice begins after": "12 ms",
    "Voice works at": "50 × real time",
  });
});

test("what was not measured is not guessed", () => {
  const joined = { ...TOLD, timings: { firstTextMs: null, firstSoundMs: null, server: null } };
  expect(lines(joined)["First sound"]).toBe("–");
  expect(lines(joined)).not.toHaveProperty("Voice works at");
  expect(hasTimings(joined)).toBe(false);
  expect(hasTimings(TOLD)).toBe(true);
});
