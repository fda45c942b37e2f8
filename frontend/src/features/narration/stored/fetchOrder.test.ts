import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FetchPlan, type FetchStep, nextToFetch } from "./fetchOrder";

/** Sentences of these lengths, one behind the other. */
function inARow(lengths: readonly number[]): FetchPlan["sentences"] {
  let end = 0;
  return lengths.map((samples) => {
    end += samples;
    return { start: end - samples, samples };
  });
}

/** Every step until nothing is wanted, each taken at once. */
function steps(plan: Omit<FetchPlan, "isTaken">, taken = new Set<number>()): FetchStep[] {
  const all: FetchStep[] = [];
  for (;;) {
    const step = nextToFetch({ ...plan, isTaken: (index) => taken.has(index) });
    if (!step) return all;
    expect(taken.has(step.index)).toBe(false);
    taken.add(step.index);
    all.push(step);
  }
}

const lengths = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 })), {
  minLength: 1,
  maxLength: 20,
});

describe("nextToFetch", () => {
  test("begins where the listener is, goes to the end, and then begins anew", () => {
    const order = steps({
      sentences: inARow([10, 10, 10, 10]),
      position: 25,
      ahead: 10,
      wantsAll: true,
    });
    expect(order).toEqual([
      { index: 2, urgency: "now" },
      { index: 3, urgency: "soon" },
      { index: 0, urgency: "later" },
      { index: 1, urgency: "later" },
    ]);
  });

  test("wants only what is heard soon, unless all is wanted", () => {
    const order = steps({
      sentences: inARow([10, 10, 10, 10]),
      position: 0,
      ahead: 15,
      wantsAll: false,
    });
    expect(order.map(({ index }) => index)).toEqual([0, 1]);
  });

  test("takes every sentence that sounds once, wherever the listener is", () => {
    fc.assert(
      fc.property(lengths, fc.nat(2000), fc.nat(200), (lengths, position, ahead) => {
        const sentences = inARow(lengths);
        const taken = steps({ sentences, position, ahead, wantsAll: true }).map(
          ({ index }) => index,
        );
        const sounding = sentences.flatMap(({ samples }, i) => (samples > 0 ? [i] : []));
        expect(taken.toSorted((a, b) => a - b)).toEqual(sounding);
      }),
    );
  });

  test("never takes a sentence before one that is heard earlier", () => {
    fc.assert(
      fc.property(lengths, fc.nat(2000), fc.nat(200), (lengths, position, ahead) => {
        const sentences = inARow(lengths);
        const order = steps({ sentences, position, ahead, wantsAll: true });
        const waits = order.map(({ index }) => {
          const { start, samples } = sentences[index] as { start: number; samples: number };
          return start + samples > position ? start : start + 1e6;
        });
        // After the end, the last sentence counts as heard: it comes first although it is over.
        const isOver = sentences.every(({ start, samples }) => start + samples <= position);
        if (!isOver) expect(waits).toEqual(waits.toSorted((a, b) => a - b));
      }),
    );
  });

  test("the listener's own sentence is wanted now, whatever else was begun", () => {
    fc.assert(
      fc.property(lengths, fc.nat(2000), fc.array(fc.nat(19)), (lengths, position, begun) => {
        const sentences = inARow(lengths);
        const own = sentences.findIndex(({ start, samples }) => {
          return start <= position && position < start + samples;
        });
        fc.pre(own >= 0 && !begun.includes(own));
        const isTaken = (index: number) => begun.includes(index);
        const step = nextToFetch({ sentences, isTaken, position, ahead: 50, wantsAll: false });
        expect(step).toEqual({ index: own, urgency: "now" });
      }),
    );
  });

  test("nothing is wanted of nothing", () => {
    expect(steps({ sentences: [], position: 0, ahead: 10, wantsAll: true })).toEqual([]);
  });
});
