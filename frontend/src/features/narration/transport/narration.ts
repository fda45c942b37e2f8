import type { Cursor } from "../store/cursor";
import type { NarrationState } from "../store/narrationStore";

/** A scene that is heard, whether it is being written or was stored: what a page shows and what a listener can do. */
export interface Narration {
  /** It sounds through a media element: systems show it by themselves. */
  readonly isMedia: boolean;
  /** @returns a function that ends the subscription. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => NarrationState;
  /**
   * What is heard at `perfNow` (milliseconds of `performance.now()`, default now); null before the player is up.
   *
   * @param delayMs how much later the ear hears it than the device says, default 0; may be negative.
   */
  cursor(perfNow?: number, delayMs?: number): Cursor | null;
  pause(): void;
  /** Pauses at the end of the sentence that is heard now; any move before that cancels it. */
  pauseAfterSentence(): void;
  /** Plays on; after the end from the beginning. Call it inside a click or key event: it may need to unlock sound. */
  resume(): void;
  /** Asks the browser for sound. Call it inside a click or key event. */
  unlock(): void;
  /** To the next sentence. */
  skipNext(): void;
  /** To the beginning of this sentence, or within its first second to the one before. */
  skipPrevious(): void;
  /** Plays from sentence `index` on. Call it inside a click or key event. */
  seekToSentence(index: number): void;
  /** @param sample absolute, 24 kHz; kept within what there is. */
  seekToSample(sample: number): void;
  /** @param speed kept within 0.5..2; the pitch stays. */
  setSpeed(speed: number): void;
  /** @param volume kept within 0..1. */
  setVolume(volume: number): void;
  setMuted(muted: boolean): void;
  /** Ends everything here. */
  dispose(): void;
}
