import {
  type AudioFrame,
  FIRST_OF_SENTENCE,
  HEADER_BYTES,
  KIND_OF,
  LAST_OF_SENTENCE,
} from "./frame";

/** The server's side of `decodeFrame`, for tests. */
export function encodeFrame(frame: AudioFrame): ArrayBuffer {
  const buffer = new ArrayBuffer(HEADER_BYTES + frame.payload.byteLength);
  const header = new DataView(buffer);
  header.setUint8(0, KIND_OF[frame.codec]);
  header.setUint8(1, (frame.first ? FIRST_OF_SENTENCE : 0) | (frame.last ? LAST_OF_SENTENCE : 0));
  header.setUint16(2, frame.sentence, true);
  header.setUint32(4, frame.seq, true);
  header.setUint32(8, frame.start, true);
  header.setUint32(12, frame.samples, true);
  new Uint8Array(buffer, HEADER_BYTES).set(frame.payload);
  return buffer;
}

/** A PCM frame with these samples (int16) at `start`. */
export function pcmFrame(
  samples: Int16Array<ArrayBuffer>,
  at: { seq: number; start: number; sentence?: number },
): AudioFrame {
  const payload = new Uint8Array(samples.slice().buffer);
  return {
    codec: "pcm_s16le",
    first: false,
    last: false,
    sentence: at.sentence ?? 0,
    seq: at.seq,
    start: at.start,
    samples: samples.length,
    payload,
  };
}
