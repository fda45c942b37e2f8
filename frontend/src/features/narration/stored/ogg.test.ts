import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OggError, oggPackets } from "./ogg";
import { oggFile } from "./ogg.fixture";

/** Lengths about the size of one segment, and of several. */
const packet = fc
  .oneof(fc.nat(20), fc.integer({ min: 250, max: 260 }), fc.integer({ min: 500, max: 1300 }))
  .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));

describe("oggPackets", () => {
  test("gives back the packets, wherever the pages end", () => {
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 12 }), fc.integer({ min: 1, max: 255 }), (packets, n) => {
        expect(oggPackets(oggFile(packets, n)).map((p) => [...p])).toEqual(packets.map((p) => [...p]));
      }),
      { numRuns: 200 },
    );
  });

  test("never takes a cut-off file for a whole one, unless it is cut between packets", () => {
    const packets = [new Uint8Array(19), new Uint8Array(700).fill(7), new Uint8Array(40)];
    const file = oggFile(packets, 2);
    fc.assert(
      fc.property(fc.nat(file.length - 1), (length) => {
        let found: Uint8Array[];
        try {
          found = oggPackets(file.subarray(0, length));
        } catch (cause) {
          expect(cause).toBeInstanceOf(OggError);
          return;
        }
        expect(found).toEqual(packets.slice(0, found.length));
      }),
    );
  });

  test("reads a view into a larger buffer", () => {
    const file = oggFile([Uint8Array.of(1, 2, 3)]);
    const buffer = new Uint8Array(file.length + 9);
    buffer.set(file, 5);
    expect(oggPackets(buffer.subarray(5, 5 + file.length))).toEqual([Uint8Array.of(1, 2, 3)]);
  });

  test.each(["RIFF", "<!doctype html><html><head></head></html>", "Og"])("%j is no Ogg", (text) => {
    expect(() => oggPackets(new TextEncoder().encode(text))).toThrow(OggError);
  });

  test("an empty file has no packets", () => {
    expect(oggPackets(new Uint8Array())).toEqual([]);
  });
});
