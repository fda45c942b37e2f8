import { expect, test } from "vitest";
import { locate } from "./cursor";
import { Script, told } from "./narrative.fixture";

const script = new Script().sentence("One.", 2).sentence("", 0).sentence("Three.", 2);
const words = [
  { t0: 100, t1: 900, c0: 0, c1: 2 },
  { t0: 1200, t1: 2000, c0: 2, c1: 6 },
];
script.say({ type: "sentence_words", index: 2, words, source: "aligner" });
const { sentences } = told(script.events).view;

test.each([
  [0, 0, 0],
  [4799, 0, 0],
  [4800, 2, -1],
  [4900, 2, 0],
  [5900, 2, 0],
  [6000, 2, 1],
  [99_999, 2, 1],
])("at sample %i sounds sentence %i, word %i", (position, sentence, word) => {
  expect(locate(sentences, position)).toEqual({ position, sentence, word });
});

test("before the first sentence nothing sounds", () => {
  expect(locate([], 5)).toEqual({ position: 5, sentence: -1, word: -1 });
});
