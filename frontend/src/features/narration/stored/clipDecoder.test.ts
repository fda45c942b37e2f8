import { expect, test } from "vitest";
import { loadDecoder } from "../audio/opus";
import { OPUS_HEAD, OPUS_PAYLOAD, OPUS_SAMPLES } from "../audio/opus.fixture";
import { ProtocolError } from "../protocol/protocolError";
import { OpusClipDecoder } from "./clipDecoder";

const CLIP = Uint8Array.from(atob(OPUS_PAYLOAD), (letter) => letter.charCodeAt(0));
const DELAY = 156;

/** The first `packets` packets of the clip. */
function beginning(packets: number): Uint8Array {
  let end = 0;
  for (let i = 0; i < packets; i++)
    end += 2 + (CLIP[end] as number) + 256 * (CLIP[end + 1] as number);
  return CLIP.subarray(0, end);
}

test("a clip is its source, in its place and at its length", async () => {
  const clip = await new OpusClipDecoder().decode(CLIP, OPUS_HEAD, OPUS_SAMPLES);
  expect(clip).toHaveLength(OPUS_SAMPLES);
  // At this tone one sample of misplacement leaves 19 dB, two leave 13.
  let [error, power] = [0, 0];
  for (let i = 480; i < OPUS_SAMPLES - DELAY; i++) {
    const source = 12_000 * Math.sin((2 * Math.PI * 440 * i) / 24_000);
    error += ((clip[i] as number) - source) ** 2;
    power += source ** 2;
  }
  expect(10 * Math.log10(power / error)).toBeGreaterThan(15);
  expect(clip.subarray(OPUS_SAMPLES - DELAY).every((sample) => sample === 0)).toBe(true);
});

test("a clip is the same samples whatever was decoded before it", async () => {
  const decoder = new OpusClipDecoder();
  const alone = await decoder.decode(CLIP, OPUS_HEAD, OPUS_SAMPLES);
  const [, again] = await Promise.all([
    decoder.decode(beginning(5), OPUS_HEAD, 2400),
    decoder.decode(CLIP, OPUS_HEAD, OPUS_SAMPLES),
  ]);
  expect(again).toEqual(alone);
});

test.each([
  ["nothing", new Uint8Array()],
  ["a page of HTML", new TextEncoder().encode("<!doctype html><title>502 Bad Gateway</title>")],
  ["a clip that is cut off", CLIP.subarray(0, 700)],
  ["a clip of another length", beginning(19)],
])("%s is no clip", async (_name, bytes) => {
  const decoding = new OpusClipDecoder().decode(bytes, OPUS_HEAD, OPUS_SAMPLES);
  await expect(decoding).rejects.toBeInstanceOf(ProtocolError);
});

test("a decoder that could not be loaded is tried again with the next clip", async () => {
  let attempts = 0;
  const decoder = new OpusClipDecoder(() => {
    attempts += 1;
    return attempts === 1 ? Promise.reject(new Error("offline")) : loadDecoder();
  });
  await expect(decoder.decode(CLIP, OPUS_HEAD, OPUS_SAMPLES)).rejects.toThrow("offline");
  expect(await decoder.decode(CLIP, OPUS_HEAD, OPUS_SAMPLES)).toHaveLength(OPUS_SAMPLES);
});
