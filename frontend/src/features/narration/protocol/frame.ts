import type { Codec } from "./messages";
import { ProtocolError } from "./protocolError";

/** Bytes before the payload; little-endian: u8 kind, u8 flags, u16 sentence, u32 seq, u32 start, u32 samples. */
export const HEADER_BYTES = 16;

/** The sentence index has 16 bits. */
export const MAX_SENTENCES = 1 << 16;

export const KIND_OF: Readonly<Record<Codec, number>> = { pcm_s16le: 1, opus: 2 };
export const FIRST_OF_SENTENCE = 1;
export const LAST_OF_SENTENCE = 2;

/** One binary message: a piece of one sentence's sound. */
export interface AudioFrame {
  readonly codec: Codec;
  readonly first: boolean;
  readonly last: boolean;
  readonly sentence: number;
  readonly seq: number;
  /** Absolute first sample on the session's timeline, at 24 kHz. */
  readonly start: number;
  /** How many samples this frame stands for. */
  readonly samples: number;
  /** A view into the received buffer, not a copy. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/**
 * Reads one binary frame of the server.
 *
 * @throws ProtocolError when the header is short, the kind unknown, or a PCM payload has another length than told.
 */
export function decodeFrame(buffer: ArrayBuffer): AudioFrame {
  if (buffer.byteLength < HEADER_BYTES)
    throw new ProtocolError("an audio frame has no whole header");
  const header = new DataView(buffer, 0, HEADER_BYTES);
  const codec = codecOf(header.getUint8(0));
  const flags = header.getUint8(1);
  const samples = header.getUint32(12, true);
  const payload = new Uint8Array(buffer, HEADER_BYTES);
  if (codec === "pcm_s16le" && payload.byteLength !== samples * 2) {
    throw new ProtocolError(`${samples} samples announced, ${payload.byteLength} bytes received`);
  }
  return {
    codec,
    first: (flags & FIRST_OF_SENTENCE) !== 0,
    last: (flags & LAST_OF_SENTENCE) !== 0,
    sentence: header.getUint16(2, true),
    seq: header.getUint32(4, true),
    start: header.getUint32(8, true),
    samples,
    payload,
  };
}

function codecOf(kind: number): Codec {
  if (kind === KIND_OF.pcm_s16le) return "pcm_s16le";
  if (kind === KIND_OF.opus) return "opus";
  throw new ProtocolError(`unknown kind of audio frame: ${kind}`);
}
