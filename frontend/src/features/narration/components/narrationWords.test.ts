import { expect, test } from "vitest";
import { IDLE_STATE, type NarrationState, type SentenceState } from "../store/narrationStore";
import { announcement, clock, knownSamples, statusWords } from "./narrationWords";
import { isPresent } from "./stages";

const SENTENCE: SentenceState = {
  index: 0,
  text: "It rained.",
  charStart: 0,
  charEnd: 10,
  start: 0,
  samples: 24_000,
  words: [],
  wordsSource: null,
  status: "done",
  failure: null,
};

function state(facts: Partial<NarrationState>): NarrationState {
  return { ...IDLE_STATE, ...facts };
}

/** Proves 003-K6: the indicator's words. */
test("says that the narration plays", () => {
  expect(statusWords(state({ phase: "generating", playback: "playing" }))).toBe(
    "Playing narration...",
  );
});

test("names each wait by what is waited for", () => {
  const waiting = { phase: "generating", playback: "buffering" } as const;
  expect(statusWords(state(waiting))).toBe("Waiting for the first words...");
  expect(statusWords(state({ ...waiting, text: "It" }))).toBe("Preparing the voice...");
  const heard = { ...waiting, text: "It rained.", sentences: [SENTENCE], bufferedSamples: 24_000 };
  expect(statusWords(state(heard))).toBe("Waiting for the voice...");
});

test("a lost connection is told together with what still plays", () => {
  expect(statusWords(state({ phase: "reconnecting", playback: "playing" }))).toBe(
    "Reconnecting, still playing...",
  );
  expect(statusWords(state({ phase: "reconnecting", playback: "buffering" }))).toBe(
    "Reconnecting...",
  );
});

test("the browser's lock comes before everything else", () => {
  expect(statusWords(state({ phase: "complete", playback: "locked" }))).toBe("Click to hear");
});

test("screen readers hear of changes, never the story", () => {
  const text = "It rained.";
  const told = (["connecting", "generating", "complete", "stopped"] as const).map((phase) =>
    announcement(state({ phase, text, sentences: [SENTENCE] })),
  );
  expect(told).toEqual([
    "Generating with audio.",
    "",
    "The scene is written.",
    "Stopped. What was written is kept.",
  ]);
});

test("the player is there when something is heard or on its way, and not before", () => {
  expect(isPresent(state({}))).toBe(false);
  expect(isPresent(state({ phase: "connecting" }))).toBe(true);
  expect(isPresent(state({ phase: "complete", sentences: [SENTENCE] }))).toBe(true);
  expect(isPresent(state({ phase: "complete", playback: "buffering" }))).toBe(true);
  expect(isPresent(state({ phase: "complete", playback: "paused" }))).toBe(true);
  expect(isPresent(state({ phase: "failed", playback: "buffering" }))).toBe(false);
  const silent = { ...SENTENCE, samples: 0, status: "failed" } as const;
  expect(isPresent(state({ phase: "complete", sentences: [silent] }))).toBe(false);
});

test("time is shown as clocks show it", () => {
  expect([0, 7.9, 65, 3723].map((seconds) => clock(seconds * 24_000, 24_000))).toEqual([
    "0:00",
    "0:07",
    "1:05",
    "1:02:03",
  ]);
});

test("the length grows with the sentences until it is final", () => {
  const sentences = [SENTENCE, { ...SENTENCE, index: 1, start: 24_000, samples: 12_000 }];
  expect(knownSamples(state({ sentences }))).toBe(36_000);
  expect(knownSamples(state({ sentences, totalSamples: 40_000 }))).toBe(40_000);
  expect(knownSamples(state({}))).toBe(0);
});
