import type { AudioOutput, AudioPlayer } from "../audio/output";
import type { PlayerReport } from "../audio/playerMessages";
import { type Cursor, isSilent, locate } from "../store/cursor";
import type { NarrationStore, Playback, SentenceState } from "../store/narrationStore";

/** "Previous" within the first second of a sentence goes to the one before; later, back to its beginning. */
const RESTART_AFTER_S = 1;
const SLOWEST = 0.5;
const FASTEST = 2;

/** What the listener does with the sound: play, pause, move about. Knows nothing of the network. */
export class Listening {
  readonly player: AudioPlayer;

  private readonly output: AudioOutput;
  private readonly store: NarrationStore;
  private readonly now: () => number;
  private readonly forgetOutput: () => void;
  private wantsToPlay = true;
  private last: PlayerReport | null = null;
  /** The sentence after which to pause, while its end is not known. */
  private lastSentence: number | null = null;
  /** The player was told to pause by itself: a pause that it reports then is no echo of an older one. */
  private pausesItself = false;

  /** @param onReport hears of the player's progress, ten times a second while it runs. */
  constructor(output: AudioOutput, store: NarrationStore, now: () => number, onReport: () => void) {
    this.output = output;
    this.store = store;
    this.now = now;
    this.forgetOutput = output.subscribe(() => this.settle());
    this.player = output.openPlayer((report) => {
      this.last = report;
      if (report.state === "paused" && this.pausesItself) this.pausedItself();
      this.findLastSample();
      this.settle();
      onReport();
    });
    this.player.send({ type: "play" });
    this.settle();
  }

  /** Whole source sample that is heard now. */
  get heard(): number {
    return Math.max(0, Math.floor(this.player.heardSample(this.now()) ?? 0));
  }

  /**
   * @param perfNow milliseconds of `performance.now()`.
   * @param delayMs how much later the ear hears it than the device says.
   */
  cursor(perfNow: number, delayMs: number): Cursor | null {
    const position = this.player.heardSample(perfNow, delayMs);
    return position === null ? null : locate(this.store.view.sentences, position);
  }

  pause(): void {
    this.wantsToPlay = false;
    this.cancelOwnPause();
    this.player.send({ type: "pause" });
    this.settle();
  }

  /** Pauses at the end of the sentence that is heard now; a seek or a pause before that cancels it. */
  pauseAfterSentence(): void {
    this.lastSentence = Math.max(0, this.currentSentence());
    this.findLastSample();
  }

  /** Goes on, or starts again from the beginning after the end. Call it inside a click or key event. */
  resume(): void {
    if (this.last?.state === "ended") this.seek(0);
    this.wantsToPlay = true;
    this.output.resume();
    this.player.send({ type: "play" });
    this.settle();
  }

  /** Asks the browser for sound; call it inside a click or key event. */
  unlock(): void {
    this.output.resume();
    this.settle();
  }

  /** @param sample absolute; kept within what was received. */
  seek(sample: number): void {
    this.cancelOwnPause();
    const position = Math.max(0, Math.min(sample, this.store.current.received));
    this.player.send({ type: "seek", position: Math.round(position) });
    // The player's own word comes a moment later; until then the end is no longer where we are.
    if (this.last?.state === "ended") this.last = { ...this.last, state: "waiting" };
    this.settle();
  }

  /** The next sentence that sounds, null when none is known yet. */
  next(): SentenceState | null {
    const current = this.currentSentence();
    const { sentences } = this.store.view;
    return sentences.find((sentence) => sentence.index > current && !isSilent(sentence)) ?? null;
  }

  /** Where "previous" leads from here; null when nothing sounded yet. */
  previous(): SentenceState | null {
    const { sentences, sampleRate } = this.store.view;
    const current = sentences[this.currentSentence()];
    if (!current) return null;
    if (this.heard - current.start > RESTART_AFTER_S * sampleRate) return current;
    const before = sentences.findLast(
      (sentence) => sentence.index < current.index && !isSilent(sentence),
    );
    return before ?? current;
  }

  currentSentence(): number {
    return locate(this.store.view.sentences, this.heard).sentence;
  }

  setSpeed(speed: number): void {
    const kept = Math.max(SLOWEST, Math.min(FASTEST, speed));
    this.player.send({ type: "speed", speed: kept });
    this.store.patch({ speed: kept });
  }

  setVolume(volume: number): void {
    this.store.patch({ volume: Math.max(0, Math.min(1, volume)) });
    this.sendVolume();
  }

  setMuted(muted: boolean): void {
    this.store.patch({ muted });
    this.sendVolume();
  }

  /** Works out what the listener's player is at, from what was wanted and what was reported. */
  settle(): void {
    this.store.patch({
      playback: this.playback(),
      underruns: this.last?.underruns ?? 0,
      ...this.soundProblem(),
    });
  }

  dispose(): void {
    this.forgetOutput();
    this.player.dispose();
  }

  private findLastSample(): void {
    const sentence = this.store.view.sentences[this.lastSentence ?? -1];
    if (!sentence || sentence.status === "speaking") return;
    this.lastSentence = null;
    const end = sentence.start + sentence.samples;
    // After the very last sentence it is not paused, but over.
    if (end === this.store.view.totalSamples) return;
    this.pausesItself = true;
    this.player.send({ type: "pauseAt", position: end });
  }

  private pausedItself(): void {
    this.pausesItself = false;
    this.wantsToPlay = false;
  }

  private cancelOwnPause(): void {
    this.lastSentence = null;
    this.pausesItself = false;
    this.player.send({ type: "pauseAt", position: null });
  }

  private playback(): Playback {
    const { state } = this.output;
    const isSilentScene = this.store.view.totalSamples === 0;
    if (this.last?.state === "ended" || isSilentScene) return "ended";
    if (state === "unavailable") return "locked";
    if (!this.wantsToPlay) return "paused";
    if (state === "locked") return "locked";
    return this.last?.state === "running" ? "playing" : "buffering";
  }

  /** Missing sound is told as an error, unless a graver one is being told. */
  private soundProblem() {
    const { error } = this.store.view;
    const { problem } = this.output;
    const isAboutSound = error?.code === "audio_unavailable";
    if (problem && error === null) {
      return { error: { code: "audio_unavailable", message: problem, retryAfterMs: null } };
    }
    return !problem && isAboutSound ? { error: null } : {};
  }

  private sendVolume(): void {
    const { volume, muted } = this.store.view;
    this.player.send({ type: "volume", volume: muted ? 0 : volume });
  }
}
