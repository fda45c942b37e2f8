import { describe, expect, test } from "vitest";
import { BEGINNING, type Place, sampleOf } from "./places";
import type { NarrationStatus, StoredTimeline } from "./timeline";

const SENTENCE = 240_000;

function timeline(sentences: number, status: NarrationStatus = "complete"): StoredTimeline {
  const states = Array.from({ length: sentences }, (_, index) => {
    return { index, start: index * SENTENCE, samples: SENTENCE };
  });
  const samples = sentences * SENTENCE;
  return { sentences: states, samples, status } as unknown as StoredTimeline;
}

const remembered = (sample: number, sentence: number): Place => {
  return { type: "remembered", position: { sample, sentence } };
};

describe("sampleOf", () => {
  test.each<[string, Place, number]>([
    ["the beginning", BEGINNING, 0],
    ["a sample", { type: "sample", sample: 777 }, 777],
    ["a sentence", { type: "sentence", index: 2 }, 2 * SENTENCE],
    ["a sentence behind the last is the end", { type: "sentence", index: 9 }, 4 * SENTENCE],
    ["a sample behind the end is the end", { type: "sample", sample: 1e9 }, 4 * SENTENCE],
    ["never heard: the beginning", { type: "remembered", position: null }, 0],
    ["where one stopped", remembered(SENTENCE + 99, 1), SENTENCE + 99],
    ["the end of a sentence belongs to it", remembered(2 * SENTENCE, 1), 2 * SENTENCE],
    ["moved by an edit: the sentence", remembered(99, 2), 2 * SENTENCE],
    ["a sentence that is gone: the sample", remembered(99, 7), 99],
    ["heard to the end: the beginning", remembered(4 * SENTENCE - 70_000, 3), 0],
  ])("%s", (_name, place, sample) => {
    expect(sampleOf(place, timeline(4))).toBe(sample);
  });

  test.each<[string, Place]>([
    ["a sentence", { type: "sentence", index: 2 }],
    ["a sample", { type: "sample", sample: 2 * SENTENCE }],
    ["where one stopped", remembered(2.5 * SENTENCE, 2)],
  ])("%s that is not narrated yet is not known", (_name, place) => {
    expect(sampleOf(place, timeline(2, "running"))).toBeNull();
    expect(sampleOf(place, timeline(4, "running"))).not.toBeNull();
  });

  test("of a scene without sound, everything is the end", () => {
    expect(sampleOf(BEGINNING, timeline(0))).toBe(0);
    expect(sampleOf(BEGINNING, timeline(0, "queued"))).toBeNull();
  });
});
