import { expect, test } from "vitest";
import { packetsOf } from "../audio/opus";
import { OPUS_HEAD, OPUS_PAYLOAD, OPUS_SAMPLES } from "../audio/opus.fixture";
import { ClipError, OpusClipDecoder } from "./clipDecoder";
import { oggFile } from "./ogg.fixture";

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

const TAGS = new TextEncoder().encode("OpusTags");
const PACKETS = packetsOf(bytesOf(OPUS_PAYLOAD));
const CLIP = oggFile([bytesOf(OPUS_HEAD), TAGS, ...PACKETS]);
const SHORT_CLIP = oggFile([bytesOf(OPUS_HEAD), TAGS, ...PACKETS.slice(0, 5)]);
const DELAY = 156;

test("a clip is its source, in its place and at its length", async () => {
  const decoder = new OpusClipDecoder();
  const clip = await decoder.decode(CLIP, OPUS_SAMPLES);
  decoder.free();
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
  const alone = await decoder.decode(CLIP, OPUS_SAMPLES);
  const [, again] = await Promise.all([
    decoder.decode(SHORT_CLIP, 2400),
    decoder.decode(CLIP, OPUS_SAMPLES),
  ]);
  decoder.free();
  expect(again).toEqual(alone);
});

test.each([
  ["nothing", new Uint8Array()],
  ["a page of HTML", new TextEncoder().encode("<!doctype html><title>502 Bad Gateway</title>")],
  ["half a clip", CLIP.subarray(0, 700)],
  ["another codec", oggFile([new Uint8Array(30), TAGS, ...PACKETS])],
])("%s is no clip", async (_name, file) => {
  const decoder = new OpusClipDecoder();
  await expect(decoder.decode(file, 480)).rejects.toBeInstanceOf(ClipError);
  decoder.free();
});

test("a decoder that could not be loaded is tried again with the next clip", async () => {
  const { loadDecoder } = await import("../audio/opus");
  let attempts = 0;
  const decoder = new OpusClipDecoder(() => {
    attempts += 1;
    return attempts === 1 ? Promise.reject(new Error("offline")) : loadDecoder();
  });
  await expect(decoder.decode(CLIP, OPUS_SAMPLES)).rejects.toThrow("offline");
  expect(await decoder.decode(CLIP, OPUS_SAMPLES)).toHaveLength(OPUS_SAMPLES);
  decoder.free();
});
