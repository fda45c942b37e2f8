import { IDLE_STATE, type NarrationState, type SentenceState } from "../store/narrationStore";
import type { Narration } from "../transport/narration";

/** A narrated scene that is not being heard: its sentences are known, and any of them can be the first to be heard. */
export class RestingNarration implements Narration {
  readonly isMedia = false;
  private readonly state: NarrationState;
  private readonly hear: (sentence: number) => void;

  /** @param hear is called inside the click or key event that asks for it. */
  constructor(
    sceneId: number,
    text: string,
    sentences: readonly SentenceState[],
    hear: (sentence: number) => void,
  ) {
    this.state = { ...IDLE_STATE, phase: "complete", sceneId, text, sentences };
    this.hear = hear;
  }

  readonly subscribe = (): (() => void) => () => undefined;

  readonly getSnapshot = (): NarrationState => this.state;

  cursor(): null {
    return null;
  }

  resume(): void {
    this.hear(0);
  }

  seekToSentence(index: number): void {
    this.hear(index);
  }

  pause(): void {}
  pauseAfterSentence(): void {}
  unlock(): void {}
  skipNext(): void {}
  skipPrevious(): void {}
  seekToSample(): void {}
  setSpeed(): void {}
  setVolume(): void {}
  setMuted(): void {}
  dispose(): void {}
}
