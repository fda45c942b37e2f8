import fc from "fast-check";
import { expect, test } from "vitest";
import { type AudioFrame, decodeFrame } from "./frame";
import { encodeFrame } from "./frame.fixture";
import { ProtocolError } from "./protocolError";

const u32 = fc.nat(0xffffffff);
const payload = fc
  .uint8Array({ maxLength: 64 })
  .map((bytes) => new Uint8Array(bytes) as Uint8Array<ArrayBuffer>);

const shared = {
  first: fc.boolean(),
  last: fc.boolean(),
  sentence: fc.nat(0xffff),
  seq: u32,
  start: u32,
};

const opusFrame = fc.record({
  ...shared,
  codec: fc.constant("opus" as const),
  samples: u32,
  payload,
});
const pcmFrame = fc
  .record({ ...shared, codec: fc.constant("pcm_s16le" as const), payload })
  .filter((frame) => frame.payload.length % 2 === 0)
  .map((frame): AudioFrame => ({ ...frame, samples: frame.payload.length / 2 }));

test("decoding returns every field that was encoded", () => {
  fc.assert(
    fc.property(fc.oneof(opusFrame, pcmFrame), (frame) => {
      expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
    }),
  );
});

test("the header is little-endian at the documented offsets", () => {
  const bytes = new Uint8Array(18);
  bytes.set([1, 3, 0x02, 0x01, 4, 0, 0, 0, 0x80, 0x07, 0, 0, 1, 0, 0, 0, 0xff, 0x7f]);
  expect(decodeFrame(bytes.buffer)).toMatchObject({
    codec: "pcm_s16le",
    first: true,
    last: true,
    sentence: 258,
    seq: 4,
    start: 1920,
    samples: 1,
  });
});

test.each([
  ["a header that is cut off", new Uint8Array(15)],
  ["an unknown kind", new Uint8Array(16).fill(9, 0, 1)],
  ["another length than announced", Uint8Array.from([1, ...new Array(16).fill(0)])],
])("%s breaks the protocol", (_, bytes) => {
  expect(() => decodeFrame(bytes.buffer as ArrayBuffer)).toThrow(ProtocolError);
});
