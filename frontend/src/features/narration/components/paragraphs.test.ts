import fc from "fast-check";
import { expect, test } from "vitest";
import { isOrnament, layOut, type SentencePlace } from "./paragraphs";

function place(text: string, ...sentences: string[]): SentencePlace[] {
  let from = 0;
  return sentences.map((sentence, index) => {
    const charStart = text.indexOf(sentence, from);
    from = charStart + sentence.length;
    return { index, charStart, charEnd: from };
  });
}

/** What is drawn: per paragraph, each fragment's words with the sentence they belong to. */
function drawn(text: string, sentences: readonly SentencePlace[]) {
  return layOut(text, sentences).map(({ fragments }) =>
    fragments.map(({ start, end, sentence }) => [text.slice(start, end), sentence]),
  );
}

test("a sentence becomes a fragment, and what follows it stays unspoken", () => {
  const text = "It rained. The lamp went";
  expect(drawn(text, place(text, "It rained."))).toEqual([
    [
      ["It rained.", 0],
      [" The lamp went", null],
    ],
  ]);
});

test("line breaks part paragraphs and belong to none", () => {
  const text = "One.\n\nTwo.\nThree. \n";
  expect(drawn(text, place(text, "One.", "Two.", "Three."))).toEqual([
    [["One.", 0]],
    [["Two.", 1]],
    [["Three.", 2]],
  ]);
});

test("offsets hold after emoji, which take two units or more", () => {
  const text = "👩‍🚀 waved. 🌊🌊 The sea 🌊 waved back.";
  const sentences = place(text, "👩‍🚀 waved.", "🌊🌊 The sea 🌊 waved back.");
  expect(drawn(text, sentences)).toEqual([
    [
      ["👩‍🚀 waved.", 0],
      [" ", null],
      ["🌊🌊 The sea 🌊 waved back.", 1],
    ],
  ]);
});

test("offsets hold in right-to-left text", () => {
  const text = "كان البحر هادئًا. «انتظر!» صاح العجوز.";
  const sentences = place(text, "كان البحر هادئًا.", "«انتظر!» صاح العجوز.");
  expect(drawn(text, sentences)).toEqual([
    [
      ["كان البحر هادئًا.", 0],
      [" ", null],
      ["«انتظر!» صاح العجوز.", 1],
    ],
  ]);
});

test("a sentence that runs over a line break has a fragment in both paragraphs", () => {
  const text = "A heading\nand its text.";
  const sentences = [{ index: 0, charStart: 0, charEnd: text.length }];
  expect(drawn(text, sentences)).toEqual([[["A heading", 0]], [["and its text.", 0]]]);
});

test("a sentence that failed before it had a place is not drawn", () => {
  const text = "One. Two.";
  const [one, two] = place(text, "One.", "Two.") as [SentencePlace, SentencePlace];
  const failed = { index: 1, charStart: 4, charEnd: 4 };
  expect(drawn(text, [one, failed, { ...two, index: 2 }])).toEqual([
    [
      ["One.", 0],
      [" ", null],
      ["Two.", 2],
    ],
  ]);
});

test("however the text is cut, every visible character is drawn once and in order", () => {
  const texts = fc.string({
    unit: fc.constantFrom("a", " ", "\n", ".", "🌊", "ب", "灯"),
    maxLength: 60,
  });
  fc.assert(
    fc.property(texts, fc.array(fc.nat(60), { maxLength: 12 }), (text, cuts) => {
      const edges = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
      const sentences = edges.slice(1).map((charEnd, index) => {
        return { index, charStart: edges[index] as number, charEnd };
      });
      const words = drawn(text, sentences)
        .flat(2)
        .filter((part) => typeof part === "string");
      expect(words.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
    }),
  );
});

test("asterisks alone are an ornament, words are not", () => {
  expect(["***", "* * *", "---", "⁂"].map(isOrnament)).toEqual([true, true, true, true]);
  expect(["* a", "Wait—", "-5", "#hash"].map(isOrnament)).toEqual([false, false, false, false]);
});
