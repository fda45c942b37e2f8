const BLOCK_BITS = 16;
/** 65,536 samples: 2.7 s at 24 kHz, 128 KiB. Whole blocks, so a long scene never re-allocates what it has. */
const BLOCK_SAMPLES = 1 << BLOCK_BITS;
const FULL_SCALE = 32768;

interface Range {
  start: number;
  end: number;
}

/**
 * Speech samples (int16) under absolute addresses, written in any order and any number of times.
 *
 * Writing the same samples again changes nothing, so re-sent and late frames need no special care, and pause, seek,
 * speed and resume are only a matter of where one reads. A scene of ten minutes takes 29 MB.
 */
export class SampleStore {
  private readonly blocks = new Map<number, Int16Array>();
  /** What was written: disjoint, not touching, in order. */
  private readonly ranges: Range[] = [];

  /** One past the highest sample ever written. */
  get end(): number {
    return this.ranges.at(-1)?.end ?? 0;
  }

  /** Puts `samples` at `start` and what follows. */
  write(start: number, samples: Int16Array): void {
    if (samples.length === 0) return;
    let done = 0;
    while (done < samples.length) {
      const offset = (start + done) % BLOCK_SAMPLES;
      const count = Math.min(BLOCK_SAMPLES - offset, samples.length - done);
      this.blockAt(start + done).set(samples.subarray(done, done + count), offset);
      done += count;
    }
    this.remember(start, start + samples.length);
  }

  /** How many samples can be read from `position` on without meeting a hole. */
  availableFrom(position: number): number {
    const range = this.ranges.findLast((candidate) => candidate.start <= position);
    return range ? Math.max(0, range.end - position) : 0;
  }

  /**
   * Copies `count` samples from `start` into `out` at `offset`, scaled to -1..1 (int16 / 32768, exact in float32).
   * What was never written reads as silence.
   */
  read(start: number, count: number, out: Float32Array, offset = 0): void {
    let done = 0;
    while (done < count) {
      const address = start + done;
      const inBlock = ((address % BLOCK_SAMPLES) + BLOCK_SAMPLES) % BLOCK_SAMPLES;
      const run = Math.min(BLOCK_SAMPLES - inBlock, count - done);
      const block = this.blocks.get(Math.floor(address / BLOCK_SAMPLES));
      for (let i = 0; i < run; i++) {
        out[offset + done + i] = block ? (block[inBlock + i] as number) / FULL_SCALE : 0;
      }
      done += run;
    }
  }

  private blockAt(address: number): Int16Array {
    const number = Math.floor(address / BLOCK_SAMPLES);
    const known = this.blocks.get(number);
    if (known) return known;
    const fresh = new Int16Array(BLOCK_SAMPLES);
    this.blocks.set(number, fresh);
    return fresh;
  }

  /** Adds start..end to the ranges and merges what it touches. */
  private remember(start: number, end: number): void {
    const first = this.ranges.findIndex((range) => range.end >= start);
    if (first < 0) {
      this.ranges.push({ start, end });
      return;
    }
    let next = first;
    const merged = { start, end };
    for (; next < this.ranges.length; next++) {
      const range = this.ranges[next] as Range;
      if (range.start > end) break;
      merged.start = Math.min(merged.start, range.start);
      merged.end = Math.max(merged.end, range.end);
    }
    this.ranges.splice(first, next - first, merged);
  }
}
