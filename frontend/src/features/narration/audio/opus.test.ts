import { expect, test } from "vitest";
import type { AudioFrame } from "../protocol/frame";
import { ProtocolError } from "../protocol/protocolError";
import type { SampleSink } from "./decoder";
import { OpusFrameDecoder, packetsOf, preSkipOf } from "./opus";
import { OPUS_HEAD, OPUS_PAYLOAD, OPUS_SAMPLES } from "./opus.fixture";

const PAYLOAD = Uint8Array.from(atob(OPUS_PAYLOAD), (letter) => letter.charCodeAt(0));

/** Collects what is decoded into one timeline. */
class Timeline implements SampleSink {
  readonly samples = new Float32Array(OPUS_SAMPLES);
  readonly starts: number[] = [];
  readonly ended: Promise<string>;
  private end: (how: string) => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  write(_sentence: number, start: number, samples: Int16Array): void {
    this.starts.push(start);
    this.samples.set(samples, start);
  }

  finished(): void {
    this.end("finished");
  }

  failed(reason: string): void {
    this.end(reason);
  }
}

function framesOf(packetsPerFrame: number): AudioFrame[] {
  const packets = packetsOf(PAYLOAD);
  const frames: AudioFrame[] = [];
  for (let first = 0; first < packets.length; first += packetsPerFrame) {
    const taken = packets.slice(first, first + packetsPerFrame);
    const payload = new Uint8Array(taken.flatMap((p) => [p.length & 255, p.length >> 8, ...p]));
    const [start, samples] = [first * 480, taken.length * 480];
    const facts = { codec: "opus", first: false, last: false, sentence: 0, seq: 1 } as const;
    frames.push({ ...facts, start, samples, payload });
  }
  return frames;
}

test.each([1, 3, 5])(
  "frames of %i packets decode to the source at the right addresses",
  async (n) => {
    const timeline = new Timeline();
    const decoder = new OpusFrameDecoder(timeline, OPUS_HEAD);
    for (const frame of framesOf(n)) decoder.push(frame);
    decoder.finish();
    expect(await timeline.ended).toBe("finished");
    decoder.free();
    expect(timeline.starts.slice(0, 2)).toEqual([0, n * 480 - 156]);
    // At this tone one sample of misplacement leaves 19 dB, two leave 13: the delay is right to about a sample.
    let [error, power] = [0, 0];
    for (let i = 480; i < OPUS_SAMPLES - 156; i++) {
      const source = (12_000 / 32_768) * Math.sin((2 * Math.PI * 440 * i) / 24_000);
      error += ((timeline.samples[i] as number) / 32_768 - source) ** 2;
      power += source ** 2;
    }
    expect(10 * Math.log10(power / error)).toBeGreaterThan(15);
  },
);

test("a decoder that cannot be loaded is told as a failure", async () => {
  const timeline = new Timeline();
  new OpusFrameDecoder(timeline, OPUS_HEAD, () => Promise.reject(new Error("blocked")));
  expect(await timeline.ended).toContain("blocked");
});

test("the pre-skip comes from the OpusHead", () => {
  expect(preSkipOf(OPUS_HEAD)).toBe(312);
});

test.each(["", "!", btoa("OpusHead"), btoa("x".repeat(19))])("%j is no OpusHead", (head) => {
  expect(() => preSkipOf(head)).toThrow(ProtocolError);
});

test.each([[[5]], [[5, 0, 1]]])("a packet that is cut off breaks the protocol", (bytes) => {
  expect(() => packetsOf(Uint8Array.from(bytes))).toThrow(ProtocolError);
});
