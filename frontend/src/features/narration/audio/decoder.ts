import type { AudioFrame } from "../protocol/frame";

/** Takes decoded sound. Calls come in the order of the frames. */
export interface SampleSink {
  /** @param start absolute address of the first sample. */
  write(sentence: number, start: number, samples: Int16Array<ArrayBuffer>): void;
  /** Everything that was pushed is written. */
  finished(): void;
  /** This codec cannot be decoded here; nothing more will be written. */
  failed(reason: string): void;
}

/** Turns the frames of one session into samples. */
export interface FrameDecoder {
  push(frame: AudioFrame): void;
  /** No frame follows: the sink's `finished` comes after the last write. */
  finish(): void;
  free(): void;
}

/** PCM needs no decoding: the payload is the samples. */
export class PcmDecoder implements FrameDecoder {
  private readonly sink: SampleSink;

  constructor(sink: SampleSink) {
    this.sink = sink;
  }

  push(frame: AudioFrame): void {
    const { buffer, byteOffset } = frame.payload;
    // A view, not a copy. Every platform with Web Audio is little-endian, as the wire is.
    this.sink.write(frame.sentence, frame.start, new Int16Array(buffer, byteOffset, frame.samples));
  }

  finish(): void {
    this.sink.finished();
  }

  free(): void {}
}
