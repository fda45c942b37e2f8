import type { ServerTimings, WordsSource } from "../protocol/messages";

/** One word of a sentence: samples `t0..t1` and UTF-16 offsets `c0..c1`, both counted from the sentence's beginning. */
export interface WordTime {
  readonly t0: number;
  readonly t1: number;
  readonly c0: number;
  readonly c1: number;
}

/** One sentence. `sentences[i].index` is always `i`. */
export interface SentenceState {
  readonly index: number;
  /** Equals `state.text.slice(charStart, charEnd)`; empty when it failed or was skipped before it began to sound. */
  readonly text: string;
  /** UTF-16 offsets in the scene, ready for `slice` (the wire counts code points; they are converted on arrival). */
  readonly charStart: number;
  readonly charEnd: number;
  /** Absolute sample at which the sentence begins, at 24 kHz. */
  readonly start: number;
  /** Samples known so far; final once `status` is no longer `speaking`. */
  readonly samples: number;
  readonly words: readonly WordTime[];
  /** Null until word times came. */
  readonly wordsSource: WordsSource | null;
  readonly status: "speaking" | "done" | "failed" | "skipped";
  readonly failure: { readonly code: string; readonly message: string } | null;
}

/** What the server's work is at. `stopped`, `complete` and `failed` are ends; sound may still play. */
export type Phase =
  | "idle"
  | "connecting"
  | "generating"
  | "reconnecting"
  | "complete"
  | "stopped"
  | "failed";

/** What the listener's player is at. `locked`: no sound until `unlock()`, or never (`error.code` audio_unavailable). */
export type Playback = "idle" | "locked" | "buffering" | "playing" | "paused" | "ended";

export interface NarrationError {
  readonly code: string;
  /** Plain words for the reader. */
  readonly message: string;
  readonly retryAfterMs: number | null;
}

/** What the listener had to wait for. Empty for a narration that was stored. */
export interface Timings {
  /** Milliseconds from the click to the first text on this page; null before it, or where nothing was clicked. */
  readonly firstTextMs: number | null;
  /** Milliseconds from the click until sound was heard. */
  readonly firstSoundMs: number | null;
  /** What the server measured; null until the scene is complete. */
  readonly server: ServerTimings | null;
}

/** Everything that a page shows of one narration. Immutable: a change makes a new object. */
export interface NarrationState {
  readonly phase: Phase;
  readonly playback: Playback;
  /** The scene as far as it is written, byte for byte the model's text. */
  readonly text: string;
  readonly sentences: readonly SentenceState[];
  readonly error: NarrationError | null;
  /** Set once the server has saved the scene, also after a stop or a failure. */
  readonly sceneId: number | null;
  readonly info: {
    readonly voice: string | null;
    readonly engine: string | null;
    readonly model: string;
  } | null;
  /** Samples per second of every sample count here. */
  readonly sampleRate: number;
  /** Sound received, counted from the beginning; grows in steps of half a second, exact at a sentence's end. */
  readonly bufferedSamples: number;
  /** Length of the whole narration; null while it is still being spoken. */
  readonly totalSamples: number | null;
  /** How often the player ran dry. */
  readonly underruns: number;
  readonly reconnects: number;
  readonly timings: Timings;
  /** 0.5..2 */
  readonly speed: number;
  /** 0..1 */
  readonly volume: number;
  readonly muted: boolean;
}

export const IDLE_STATE: NarrationState = {
  phase: "idle",
  playback: "idle",
  text: "",
  sentences: [],
  error: null,
  sceneId: null,
  info: null,
  sampleRate: 24_000,
  bufferedSamples: 0,
  totalSamples: null,
  underruns: 0,
  reconnects: 0,
  timings: { firstTextMs: null, firstSoundMs: null, server: null },
  speed: 1,
  volume: 1,
  muted: false,
};

/** What is known of one narration: what the page sees, and what only the reducer needs. */
export interface Narrative {
  readonly view: NarrationState;
  /** Number of the last event that was applied. */
  readonly seq: number;
  /** Code points in `view.text`. */
  readonly codePoints: number;
  /** One past the last sample received; of a stored narration, one past the last that can be asked for. */
  readonly received: number;
}

export const EMPTY_NARRATIVE: Narrative = { view: IDLE_STATE, seq: 0, codePoints: 0, received: 0 };

/** Holds one `Narrative` and tells its subscribers when the visible part changed. Made for `useSyncExternalStore`. */
export class NarrationStore {
  private narrative = EMPTY_NARRATIVE;
  private readonly listeners = new Set<() => void>();

  get current(): Narrative {
    return this.narrative;
  }

  get view(): NarrationState {
    return this.narrative.view;
  }

  replace(next: Narrative): void {
    const isVisible = next.view !== this.narrative.view;
    this.narrative = next;
    if (isVisible) for (const listener of this.listeners) listener();
  }

  /** Changes facts that the page, not the server, decides. Equal values change nothing. */
  patch(facts: Partial<NarrationState>): void {
    const { view } = this.narrative;
    const names = Object.keys(facts) as (keyof NarrationState)[];
    if (names.every((name) => Object.is(view[name], facts[name]))) return;
    this.replace({ ...this.narrative, view: { ...view, ...facts } });
  }

  /** @returns a function that ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
