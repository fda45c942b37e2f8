/** Long enough that no click is heard, short enough that a pause feels immediate. */
const FULL_RAMP_S = 0.005;

/** A gain that moves in a straight line to its target, so that no change of loudness clicks. */
export class GainRamp {
  /** Gain of the last sample, 0..1. */
  value = 1;

  private readonly step: number;

  constructor(sampleRate: number) {
    this.step = 1 / Math.round(FULL_RAMP_S * sampleRate);
  }

  /** Multiplies the first `count` samples of `out`. A gain that stays at 1 leaves every bit as it is. */
  apply(out: Float32Array, count: number, target: number): void {
    if (this.value === target && target === 1) return;
    for (let i = 0; i < count; i++) {
      this.value += Math.max(-this.step, Math.min(this.step, target - this.value));
      out[i] = (out[i] as number) * this.value;
    }
  }
}
