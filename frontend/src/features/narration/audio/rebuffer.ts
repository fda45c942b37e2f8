const FIRST_WAIT_S = 0.8;
const LONGEST_WAIT_S = 3.2;
/** Waiting up to this share of the sound made since the last drought counts as keeping up. */
const KEEPS_UP_SHARE = 0.05;

/**
 * How much sound to gather before playing.
 *
 * Without it, speech that is made slower than it is heard stutters at every frame. After a drought the player waits
 * for 0.8 s of sound, and twice as long each time (up to 3.2 s) while the source goes on being too slow: a few
 * longer pauses instead of a hundred short ones.
 */
export class RebufferPolicy {
  /** Samples that must lie ahead before sound starts. */
  needed = 0;

  private initial = 0;
  private wait = 0;
  private rendered = 0;
  private waited = 0;
  private readonly sampleRate: number;

  constructor(sampleRate: number) {
    this.sampleRate = sampleRate;
  }

  /** Sets what a start or a seek waits for, in samples. */
  setInitial(samples: number): void {
    if (this.needed === this.initial) this.needed = samples;
    this.initial = samples;
  }

  /** A start by the listener's will (play, seek): the short wait is enough. */
  beginAfresh(): void {
    this.needed = this.initial;
  }

  countRendered(samples: number): void {
    this.rendered += samples;
  }

  countWaited(samples: number): void {
    this.waited += samples;
  }

  /** The source ran dry: sets the next wait. */
  ranDry(): void {
    const keptUp = this.waited <= this.rendered * KEEPS_UP_SHARE;
    const next = this.wait === 0 || keptUp ? FIRST_WAIT_S : this.wait * 2;
    this.wait = Math.min(next, LONGEST_WAIT_S);
    this.needed = Math.max(this.initial, Math.round(this.wait * this.sampleRate));
    this.rendered = 0;
    this.waited = 0;
  }
}
