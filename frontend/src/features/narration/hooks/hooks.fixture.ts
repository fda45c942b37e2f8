import { IDLE_STATE, type NarrationState } from "../store/narrationStore";
import type { Narration } from "../transport/narration";

/** A narration that notes what is done to it. The tests say where it is. */
export class NotedNarration implements Narration {
  readonly done: string[] = [];
  isMedia = false;
  position = 0;
  sentence = 0;

  readonly subscribe = () => () => undefined;
  readonly getSnapshot = (): NarrationState => IDLE_STATE;
  cursor = (_perfNow?: number, _delayMs?: number) => ({
    position: this.position,
    sentence: this.sentence,
    word: -1,
  });
  pause = () => this.note("pause");
  pauseAfterSentence = () => this.note("pauseAfterSentence");
  resume = () => this.note("resume");
  unlock = () => this.note("unlock");
  skipNext = () => this.note("skipNext");
  skipPrevious = () => this.note("skipPrevious");
  seekToSentence = (index: number) => this.note(`seekToSentence ${index}`);
  seekToSample = (sample: number) => this.note(`seekToSample ${sample}`);
  setSpeed = (speed: number) => this.note(`setSpeed ${speed}`);
  setVolume = (volume: number) => this.note(`setVolume ${volume}`);
  setMuted = (muted: boolean) => this.note(`setMuted ${muted}`);
  dispose = () => this.note("dispose");

  private note(what: string): void {
    this.done.push(what);
  }
}
