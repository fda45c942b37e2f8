import fc from "fast-check";
import { expect, test } from "vitest";
import { SampleStore } from "./sampleStore";

test("any order, overlap and repetition of writes leaves the same samples", () => {
  // The store's blocks have 65,536 samples: these addresses lie on both sides of a border.
  const from = 65_000;
  const length = 1000;
  const pieces = fc.array(fc.tuple(fc.nat(length - 1), fc.integer({ min: 1, max: length })));
  fc.assert(
    fc.property(pieces, (written) => {
      const source = Int16Array.from({ length }, (_, i) => i * 37 - 18_000);
      const store = new SampleStore();
      const expected = new Float32Array(length);
      for (const [start, count] of written) {
        const piece = source.subarray(start, start + count);
        store.write(from + start, piece);
        expected.set(
          Array.from(piece, (sample) => sample / 32_768),
          start,
        );
      }
      const read = new Float32Array(length);
      store.read(from, length, read);
      expect(read).toEqual(expected);
    }),
  );
});

test("what is available reaches to the first hole", () => {
  const pieces = fc.array(fc.tuple(fc.nat(90), fc.integer({ min: 0, max: 10 })));
  fc.assert(
    fc.property(pieces, fc.nat(100), (written, position) => {
      const store = new SampleStore();
      const known = new Set<number>();
      for (const [start, count] of written) {
        store.write(start, new Int16Array(count));
        for (let i = 0; i < count; i++) known.add(start + i);
      }
      let end = position;
      while (known.has(end)) end += 1;
      expect(store.availableFrom(position)).toBe(end - position);
      expect(store.end).toBe(Math.max(-1, ...known) + 1);
    }),
  );
});

test("reading before the beginning and past the end gives silence", () => {
  const store = new SampleStore();
  store.write(0, Int16Array.of(32_767));
  const out = new Float32Array(3).fill(9);
  store.read(-1, 3, out);
  expect([...out]).toEqual([0, 32_767 / 32_768, 0]);
});
