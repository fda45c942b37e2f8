import type { PlayerCommand, PlayerReport } from "./playerMessages";

/**
 * - `starting`: allowed to sound, and the device is on its way;
 * - `locked`: the browser wants a click or a key first, or took the sound away (a phone call, a locked screen);
 * - `unavailable`: there will be no sound here; `problem` says why.
 */
export type OutputState = "starting" | "running" | "locked" | "unavailable";

/** One narration's player. */
export interface AudioPlayer {
  /** Commands are kept in order, also those given before the audio thread is ready. */
  send(command: PlayerCommand): void;
  /**
   * Source sample heard at `perfNow` (ms of `performance.now()`), fractional; null before anything is known.
   *
   * @param delayMs how much later the ear hears it than the device says; may be negative.
   */
  heardSample(perfNow: number, delayMs?: number): number | null;
  dispose(): void;
}

/** Where the app's sound goes out. */
export interface AudioOutput {
  readonly state: OutputState;
  /** Plain words for `unavailable`, else null. */
  readonly problem: string | null;
  /** Its players fetch their sound by themselves: they need not be written to. */
  readonly bringsSound: boolean;
  /** @returns a function that ends the subscription. */
  subscribe(listener: () => void): () => void;
  /** Asks for sound. Call it inside a click or key event, before the first `await`. */
  resume(): void;
  openPlayer(onReport: (report: PlayerReport) => void): AudioPlayer;
}
