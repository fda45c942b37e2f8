import type { OpusDecoder } from "opus-decoder";
import type { AudioFrame } from "../protocol/frame";
import { ProtocolError } from "../protocol/protocolError";
import type { FrameDecoder, SampleSink } from "./decoder";

const RATE = 24_000;
/** Every packet of ours lasts 20 ms. */
export const PACKET_SAMPLES = 480;
/** Opus counts its pre-skip at this rate, whatever rate it decodes to. Source: RFC 7845, section 5.1. */
const OPUS_CLOCK = 48_000;
const PRE_SKIP_OFFSET = 10;
const HEAD_BYTES = 19;

export type Decoder = OpusDecoder<typeof RATE>;

/** A decoder of one mono stream at 24 kHz; WebAssembly of 86 kB, loaded at the first call. */
export async function loadDecoder(): Promise<Decoder> {
  const { OpusDecoder } = await import("opus-decoder");
  const decoder = new OpusDecoder({
    sampleRate: RATE,
    channels: 1,
    streamCount: 1,
    coupledStreamCount: 0,
  });
  await decoder.ready;
  return decoder;
}

/**
 * Decodes the Opus frames of one session with one continuous decoder.
 *
 * An Opus codec looks ahead: the packet that carries source samples a..b decodes to what sounded `delay` samples
 * earlier, where `delay` = pre-skip / 2 at 24 kHz. So the samples of a frame that starts at S belong to address
 * S - delay, and the first `delay` samples of the session, which lie before address 0, are dropped.
 *
 * The decoder (WebAssembly, 86 kB) is loaded on first use; frames that come before it is ready wait in order.
 */
export class OpusFrameDecoder implements FrameDecoder {
  private readonly sink: SampleSink;
  private readonly delay: number;
  private decoder: Decoder | null = null;
  private waiting: (() => void)[] = [];
  private isFreed = false;

  constructor(sink: SampleSink, opusHead: string, load: () => Promise<Decoder> = loadDecoder) {
    this.sink = sink;
    this.delay = delayIn(opusHead);
    load().then(
      (decoder) => this.begin(decoder),
      (cause: unknown) => sink.failed(`The Opus decoder could not be loaded: ${String(cause)}`),
    );
  }

  push(frame: AudioFrame): void {
    const packets = packetsOf(frame.payload);
    this.whenReady((decoder) => this.decode(decoder, frame, packets));
  }

  finish(): void {
    this.whenReady(() => this.sink.finished());
  }

  free(): void {
    this.isFreed = true;
    this.waiting = [];
    this.decoder?.free();
    this.decoder = null;
  }

  private begin(decoder: Decoder): void {
    if (this.isFreed) {
      decoder.free();
      return;
    }
    this.decoder = decoder;
    for (const run of this.waiting) run();
    this.waiting = [];
  }

  private whenReady(run: (decoder: Decoder) => void): void {
    const { decoder } = this;
    if (decoder) run(decoder);
    else this.waiting.push(() => this.decoder && run(this.decoder));
  }

  private decode(decoder: Decoder, frame: AudioFrame, packets: Uint8Array[]): void {
    const { channelData } = decoder.decodeFrames(packets);
    const decoded = channelData[0] ?? new Float32Array(0);
    const start = frame.start - this.delay;
    const beforeZero = Math.max(0, -start);
    const samples = toInt16(decoded.subarray(beforeZero));
    this.sink.write(frame.sentence, start + beforeZero, samples);
  }
}

/**
 * Cuts a payload of n x (u16 length + packet) into its packets.
 *
 * @throws ProtocolError when a length points past the payload's end.
 */
export function packetsOf(payload: Uint8Array): Uint8Array[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const packets: Uint8Array[] = [];
  let at = 0;
  while (at < payload.byteLength) {
    const body = at + 2;
    const end = body <= payload.byteLength ? body + view.getUint16(at, true) : Infinity;
    if (end > payload.byteLength) throw new ProtocolError("an Opus packet is cut off");
    packets.push(payload.subarray(body, end));
    at = end;
  }
  return packets;
}

/**
 * The pre-skip of a base64 OpusHead, in samples at 48 kHz.
 *
 * @throws ProtocolError when it is no OpusHead.
 */
export function preSkipOf(opusHead: string): number {
  const bytes = decodeBase64(opusHead);
  const magic = new TextDecoder().decode(bytes.subarray(0, 8));
  if (bytes.length < HEAD_BYTES || magic !== "OpusHead") throw new ProtocolError("bad opus_head");
  return new DataView(bytes.buffer).getUint16(PRE_SKIP_OFFSET, true);
}

/**
 * How many decoded samples (24 kHz) come before the sound of a stream with this OpusHead.
 *
 * @throws ProtocolError when it is no OpusHead.
 */
export function delayIn(opusHead: string): number {
  return Math.round((preSkipOf(opusHead) * RATE) / OPUS_CLOCK);
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch (cause) {
    throw new ProtocolError("opus_head is not base64", { cause });
  }
}

/** Samples of -1..1 as 16-bit ones; louder ones are clipped. */
export function toInt16(samples: Float32Array): Int16Array<ArrayBuffer> {
  return Int16Array.from(samples, (sample) => {
    return Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
  });
}
