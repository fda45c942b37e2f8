import type { SampleStore } from "./sampleStore";

/** One grain of sound. Longer than two periods of a low voice, shorter than a phoneme. */
const WINDOW_S = 0.03;
/** How far a grain may move to meet the waveform before it: half a period of 60 Hz. */
const SEARCH_S = 0.008;
/** The correlation looks at every third sample: the cost falls to a third, the join stays as good for speech. */
const CORRELATION_STRIDE = 3;
/** Avoids a division by zero in silence. */
const SILENCE_ENERGY = 1e-9;

/**
 * Reads a `SampleStore` at any speed with the pitch kept.
 *
 * At speed 1 it copies samples bit for bit. At other speeds it lays windowed grains half over one another, each taken
 * where it continues the previous one best. Source: W. Verhelst, M. Roelands, "An overlap-add technique based on
 * waveform similarity (WSOLA)", ICASSP 1993. Changing the speed while reading leaves no jump in the waveform.
 */
export class SpeedReader {
  /** Samples ahead that one step at another speed than 1 needs. */
  readonly lookahead: number;

  private readonly store: SampleStore;
  private readonly window: number;
  private readonly hop: number;
  private readonly search: number;
  private readonly hann: Float32Array;
  private readonly overlap: Float32Array;
  private readonly grain: Float32Array;
  private readonly region: Float32Array;
  private readonly wanted: Float32Array;
  private readonly ready: Float32Array;

  /** Where the next grain (or, at speed 1, the next sample) should come from. */
  private target = 0;
  /** Where the last grain would go on by itself; null before the first grain after a jump or at speed 1. */
  private natural: number | null = null;
  /** How much of `ready` was handed out. */
  private taken: number;
  private readySpeed = 1;

  constructor(store: SampleStore, sampleRate: number) {
    this.store = store;
    this.hop = Math.round((sampleRate * WINDOW_S) / 2);
    this.window = this.hop * 2;
    this.search = Math.round(sampleRate * SEARCH_S);
    this.lookahead = this.window + this.search;
    this.hann = Float32Array.from({ length: this.window }, (_, i) => {
      return 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / this.window);
    });
    this.overlap = new Float32Array(this.window);
    this.grain = new Float32Array(this.window);
    this.region = new Float32Array(this.hop + 2 * this.search);
    this.wanted = new Float32Array(this.hop);
    this.ready = new Float32Array(this.hop);
    this.taken = this.hop;
  }

  /** Source sample (fractional at other speeds than 1) that the next output sample stands for. */
  get position(): number {
    return this.target - (this.hop - this.taken) * this.readySpeed;
  }

  /** Goes to `position` (whole samples) and forgets what was being joined. */
  seek(position: number): void {
    this.target = position;
    this.forgetGrains();
    this.taken = this.hop;
  }

  /**
   * Fills `out` from index 0 as far as the source reaches.
   *
   * @param speed source samples per output sample, 0.5..2.
   * @param closed whether nothing more will be written; then the last grain may run into silence.
   * @returns how many samples of `out` were filled; fewer than its length means that the source ran dry.
   */
  read(out: Float32Array, speed: number, closed: boolean): number {
    let filled = 0;
    while (filled < out.length) {
      if (this.taken < this.hop) filled = this.handOut(out, filled);
      else if (speed === 1) {
        const copied = this.copy(out, filled);
        if (copied === 0) break;
        filled += copied;
      } else if (!this.prepare(speed, closed)) break;
    }
    return filled;
  }

  private handOut(out: Float32Array, filled: number): number {
    const count = Math.min(out.length - filled, this.hop - this.taken);
    out.set(this.ready.subarray(this.taken, this.taken + count), filled);
    this.taken += count;
    return filled + count;
  }

  private copy(out: Float32Array, filled: number): number {
    if (this.natural !== null) {
      // The last grain has reached full weight here: going on where it came from is the seamless way out.
      this.target = this.natural;
      this.forgetGrains();
    }
    this.target = Math.round(this.target);
    const count = Math.min(out.length - filled, this.store.availableFrom(this.target));
    this.store.read(this.target, count, out, filled);
    this.target += count;
    return count;
  }

  /** Makes the next `hop` output samples; false when the source does not reach far enough. */
  private prepare(speed: number, closed: boolean): boolean {
    const target = Math.round(this.target);
    if (this.store.availableFrom(target) < (closed ? 1 : this.lookahead)) return false;
    const start = this.natural === null ? target : this.bestNear(target, this.natural);
    this.addGrain(start, this.natural === null);
    this.ready.set(this.overlap.subarray(0, this.hop));
    this.overlap.copyWithin(0, this.hop);
    this.overlap.fill(0, this.hop);
    this.natural = start + this.hop;
    this.target += this.hop * speed;
    this.readySpeed = speed;
    this.taken = 0;
    return true;
  }

  private addGrain(start: number, isFirst: boolean): void {
    this.store.read(start, this.window, this.grain);
    for (let i = 0; i < this.window; i++) {
      // The first grain has nothing to cross-fade with: it begins at full weight.
      const weight = isFirst && i < this.hop ? 1 : (this.hann[i] as number);
      this.overlap[i] = (this.overlap[i] as number) + (this.grain[i] as number) * weight;
    }
  }

  /** The grain start near `target` whose waveform is most like what follows at `natural`. */
  private bestNear(target: number, natural: number): number {
    this.store.read(natural, this.hop, this.wanted);
    this.store.read(target - this.search, this.region.length, this.region);
    let best = this.search;
    let bestLikeness = this.likeness(best);
    for (let shift = 0; shift <= 2 * this.search; shift += 2) {
      const likeness = this.likeness(shift);
      if (likeness > bestLikeness) {
        best = shift;
        bestLikeness = likeness;
      }
    }
    for (const shift of [best - 1, best + 1]) {
      if (shift < 0 || shift > 2 * this.search) continue;
      if (this.likeness(shift) > bestLikeness) return this.inSource(target, shift);
    }
    return this.inSource(target, best);
  }

  private inSource(target: number, shift: number): number {
    return Math.max(0, target - this.search + shift);
  }

  /** Correlation of the region at `shift` with the wanted waveform, freed from the region's loudness. */
  private likeness(shift: number): number {
    let product = 0;
    let energy = SILENCE_ENERGY;
    for (let i = 0; i < this.hop; i += CORRELATION_STRIDE) {
      const sample = this.region[shift + i] as number;
      product += sample * (this.wanted[i] as number);
      energy += sample * sample;
    }
    return product / Math.sqrt(energy);
  }

  private forgetGrains(): void {
    this.natural = null;
    this.overlap.fill(0);
  }
}
