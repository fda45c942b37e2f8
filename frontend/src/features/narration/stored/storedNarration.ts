import type { AudioOutput } from "../audio/output";
import type { Cursor } from "../store/cursor";
import {
  EMPTY_NARRATIVE,
  IDLE_STATE,
  type NarrationError,
  type NarrationState,
  NarrationStore,
} from "../store/narrationStore";
import { refusalOf } from "../transport/closeCodes";
import { Listening } from "../transport/listening";
import type { Narration } from "../transport/narration";
import type { Fetch } from "../transport/requests";
import type { ClipDecoder } from "./clipDecoder";
import { ClipLoader } from "./clipLoader";
import { BEGINNING, type Place, sampleOf } from "./places";
import { requestPosition } from "./requests";
import { continues, isFinal, type StoredClip, type StoredTimeline } from "./timeline";
import { type PlayableScene, TimelineWatch } from "./timelineWatch";

/** What stored narrations need of the browser. */
export interface StoredEnvironment {
  readonly fetch: Fetch;
  /** Where a scene's narration is to sound. */
  audioOut(scene: PlayableScene): AudioOutput;
  readonly clips: ClipDecoder;
  /** Milliseconds, as `performance.now()`. */
  now(): number;
}

/**
 * - `play`: have it narrated if it is not yet, and play as soon as there is sound;
 * - `prepare`: fetch the beginning of what is there, and wait for `resume()`.
 */
export type Intent = "play" | "prepare";

const STRUGGLING: NarrationError = {
  code: "sound_missing",
  message: "The sound does not come. Trying again...",
  retryAfterMs: null,
};
const REPLACED: NarrationError = {
  code: "narration_replaced",
  message: "This scene has been narrated anew.",
  retryAfterMs: null,
};

/**
 * The narration of a finished scene, heard again: exactly as it was told, sample for sample.
 *
 * The sound is fetched sentence by sentence, first where it is heard. What is not there yet is waited for, never
 * skipped. A scene that is still being narrated plays as far as it is.
 */
export class StoredNarration implements Narration {
  readonly sceneId: number;

  private readonly environment: StoredEnvironment;
  private readonly store = new NarrationStore();
  private readonly watch: TimelineWatch;
  private readonly loader: ClipLoader;
  private readonly listening: Listening;
  private readonly output: AudioOutput;
  private timeline: StoredTimeline | null = null;
  /** Where the listener wants to be, as long as it is not known where that is. */
  private awaited: Place | "remembered" | null;
  private fetched = 0;

  /**
   * Make it inside a click or key event where that is possible: it may need to unlock sound.
   *
   * @param from `remembered`: where this reader stopped last.
   */
  constructor(
    environment: StoredEnvironment,
    scene: PlayableScene,
    intent: Intent = "play",
    from: Place | "remembered" = BEGINNING,
  ) {
    this.environment = environment;
    this.sceneId = scene.id;
    this.awaited = from;
    const view = { ...IDLE_STATE, phase: "complete", text: scene.text, sceneId: scene.id } as const;
    this.store.replace({ ...EMPTY_NARRATIVE, view });
    this.watch = new TimelineWatch(environment.fetch, scene, intent === "play", {
      seen: (timeline) => this.take(timeline),
      failed: (error) => this.fail(error),
    });
    this.loader = new ClipLoader(environment.fetch, environment.clips, {
      loaded: (clip, samples) => this.add(clip, samples),
      struggling: () => this.store.patch({ error: STRUGGLING }),
      refused: (status) => this.fail((status < 404 && refusalOf(status)) || REPLACED),
    });
    this.output = environment.audioOut(scene);
    this.listening = new Listening(this.output, this.store, environment.now, () =>
      this.fetchOnward(),
    );
    if (intent === "play") this.output.resume();
    else this.listening.pause();
    if (from === "remembered") void this.remember();
    void this.watch.look();
  }

  get isMedia(): boolean {
    return this.output.bringsSound;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.store.subscribe(listener);

  readonly getSnapshot = (): NarrationState => this.store.view;

  cursor(perfNow: number = this.environment.now(), delayMs = 0): Cursor | null {
    return this.listening.cursor(perfNow, delayMs);
  }

  pause(): void {
    this.listening.pause();
  }

  pauseAfterSentence(): void {
    this.listening.pauseAfterSentence();
  }

  resume(): void {
    this.listening.resume();
    this.fetchOnward();
  }

  unlock(): void {
    this.listening.unlock();
  }

  skipNext(): void {
    const next = this.listening.next();
    if (next) this.goTo({ type: "sample", sample: next.start });
    else this.goTo({ type: "sentence", index: this.store.view.sentences.length });
  }

  skipPrevious(): void {
    const previous = this.listening.previous();
    if (previous) this.goTo({ type: "sample", sample: previous.start });
  }

  seekToSentence(index: number): void {
    this.goTo({ type: "sentence", index });
    this.resume();
  }

  seekToSample(sample: number): void {
    this.goTo({ type: "sample", sample });
  }

  setSpeed(speed: number): void {
    this.listening.setSpeed(speed);
  }

  setVolume(volume: number): void {
    this.listening.setVolume(volume);
  }

  setMuted(muted: boolean): void {
    this.listening.setMuted(muted);
  }

  /** The narration has come further, or has ended: looks at it now instead of soon. */
  refresh(): void {
    void this.watch.look();
  }

  dispose(): void {
    this.watch.stop();
    this.loader.dispose();
    this.listening.dispose();
  }

  private async remember(): Promise<void> {
    const position = await requestPosition(this.environment.fetch, this.sceneId);
    // Who has chosen a place meanwhile is taken at their word.
    if (this.awaited === "remembered") this.goTo({ type: "remembered", position });
  }

  private take(timeline: StoredTimeline): void {
    if (this.timeline && !continues(timeline, this.timeline)) {
      this.fail(REPLACED);
      return;
    }
    this.timeline = timeline;
    const { sentences, samples, status, error } = timeline;
    const isEnd = isFinal(timeline);
    const outcome = status === "failed" ? ({ phase: "failed", error } as const) : {};
    const { current } = this.store;
    const view = { ...current.view, sentences, totalSamples: isEnd ? samples : null, ...outcome };
    this.store.replace({ ...current, view, received: samples });
    if (this.output.bringsSound) this.store.patch({ bufferedSamples: samples });
    this.loader.offer(timeline.clips, timeline.opusHead);
    if (this.awaited) {
      this.goTo(this.awaited);
    } else {
      this.tellExtent(isEnd);
      this.fetchOnward();
    }
    this.listening.settle();
  }

  /** Goes there now, or as soon as it is known where that is. */
  private goTo(place: Place | "remembered"): void {
    const isKnown = this.timeline !== null && place !== "remembered";
    const sample = isKnown ? sampleOf(place, this.timeline as StoredTimeline) : null;
    this.awaited = sample === null ? place : null;
    // Nothing that is there may be heard while something else is waited for; and who waits at the end of what is
    // there must not take it for the end of everything.
    this.tellExtent(false);
    this.listening.seek(sample ?? Infinity);
    if (sample === null) return;
    this.tellExtent(isFinal(this.timeline as StoredTimeline));
    this.fetch(sample, false);
  }

  /** Tells the player how far it can be sent, and whether the narration ends there. */
  private tellExtent(isEnd: boolean): void {
    const samples = this.timeline?.samples ?? 0;
    this.listening.player.send({ type: "extent", samples, isFinal: isEnd });
  }

  private fetchOnward(): void {
    if (!this.timeline || this.awaited) return;
    this.fetch(this.listening.heard, this.store.view.playback === "playing");
  }

  private fetch(position: number, wantsAll: boolean): void {
    if (!this.output.bringsSound) this.loader.want(position, wantsAll);
  }

  private add({ start }: StoredClip, samples: Int16Array<ArrayBuffer>): void {
    this.fetched += samples.length;
    const cured = this.store.view.error === STRUGGLING ? { error: null } : {};
    this.store.patch({ bufferedSamples: this.fetched, ...cured });
    this.listening.player.send({ type: "write", start, samples });
  }

  private fail(error: NarrationError): void {
    this.watch.stop();
    this.loader.dispose();
    this.listening.pause();
    this.store.patch({ phase: "failed", error });
  }
}
