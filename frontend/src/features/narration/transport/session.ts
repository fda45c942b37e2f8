import type { Failure, JournalMessage } from "../protocol/messages";
import type { Cursor } from "../store/cursor";
import { type NarrationError, type NarrationState, NarrationStore } from "../store/narrationStore";
import type { Environment } from "./environment";
import { Listening } from "./listening";
import type { Narration } from "./narration";
import type { SessionAddress } from "./requests";
import { EventStream } from "./stream";

/** Told about what happens, besides the state. */
export interface NarrationListeners {
  text(text: string): void;
  /** Decoded sound of a sentence (s16 mono, 24 kHz). Leave it out and nothing is prepared for it. */
  audio?(samples: Int16Array, sentence: number): void;
  complete(sceneId: number): void;
  /** The narration ended with an error. */
  error(error: NarrationError): void;
}

/**
 * One scene being written and heard: what comes over the network, and what the listener does with it.
 *
 * Loses nothing when the connection does: it resumes after the last event it has and plays on meanwhile.
 */
export class NarrationSession implements Narration {
  readonly isMedia = false;
  readonly storyId: number;
  readonly sessionId: string;

  private readonly now: () => number;
  private readonly askedAt: number | null;
  private readonly listeners: NarrationListeners;
  private readonly store = new NarrationStore();
  private readonly listening: Listening;
  private readonly stream: EventStream;
  /** The sentence to go to as soon as it begins; null when the listener waits for none. */
  private awaited: number | null = null;

  /** @param askedAt when the listener asked for the scene, by the environment's clock; null for one that was joined. */
  constructor(
    environment: Environment,
    storyId: number,
    address: SessionAddress,
    listeners: NarrationListeners,
    askedAt: number | null = null,
  ) {
    this.now = environment.now;
    this.askedAt = askedAt;
    this.storyId = storyId;
    this.sessionId = address.sessionId;
    this.listeners = listeners;
    this.stream = new EventStream(environment, address, this.store, {
      applied: (message) => this.applied(message),
      sound: (sentence, start, samples) => this.addSound(sentence, start, samples),
      soundComplete: () => this.closeSound(),
      failed: (error) => listeners.error(error),
    });
    this.listening = new Listening(environment.audioOut(), this.store, this.now, () => {
      if (this.store.view.playback !== "playing") return;
      this.note("firstSoundMs");
      this.stream.acknowledge(this.listening.heard);
    });
  }

  /** Connects. Before that nothing is sent. */
  open(): void {
    this.stream.open();
  }

  readonly subscribe = (listener: () => void): (() => void) => this.store.subscribe(listener);

  readonly getSnapshot = (): NarrationState => this.store.view;

  /** What is heard at `perfNow` (milliseconds of `performance.now()`, default now); null before the player is up. */
  cursor(perfNow: number = this.now(), delayMs = 0): Cursor | null {
    return this.listening.cursor(perfNow, delayMs);
  }

  pause(): void {
    this.listening.pause();
  }

  pauseAfterSentence(): void {
    this.listening.pauseAfterSentence();
  }

  /** Plays on; after the end from the beginning. Call it inside a click or key event: it may need to unlock sound. */
  resume(): void {
    this.listening.resume();
  }

  /** Asks the browser for sound. Call it inside a click or key event. */
  unlock(): void {
    this.listening.unlock();
  }

  /**
   * Silence at once, and the server stops writing. What was generated stays and can be played with `resume()`.
   * The phase turns to `stopped` when the server has confirmed.
   */
  stop(): void {
    this.listening.pause();
    this.stream.stop();
  }

  /** To the next sentence; where none is known yet, the server leaves the rest of this one unspoken. */
  skipNext(): void {
    const next = this.awaited === null ? this.listening.next() : null;
    if (next) this.listening.seek(next.start);
    else this.skipBeyond((this.awaited ?? this.listening.currentSentence()) + 1);
  }

  /** To the beginning of this sentence, or within its first second to the one before. */
  skipPrevious(): void {
    this.awaited = null;
    const previous = this.listening.previous();
    if (previous) this.listening.seek(previous.start);
  }

  /** Plays from sentence `index` on, also when it is not generated yet. Call it inside a click or key event. */
  seekToSentence(index: number): void {
    const sentence = this.store.view.sentences[index];
    this.awaited = null;
    if (sentence) this.listening.seek(sentence.start);
    else this.skipBeyond(index);
    this.listening.resume();
  }

  /** @param sample absolute, 24 kHz; kept within what was received. */
  seekToSample(sample: number): void {
    this.awaited = null;
    this.listening.seek(sample);
  }

  /** @param speed kept within 0.5..2; the pitch stays. */
  setSpeed(speed: number): void {
    this.listening.setSpeed(speed);
  }

  /** @param volume kept within 0..1. */
  setVolume(volume: number): void {
    this.listening.setVolume(volume);
  }

  setMuted(muted: boolean): void {
    this.listening.setMuted(muted);
  }

  /** Ends everything here. The server goes on for its grace period, so that another page can join. */
  dispose(): void {
    this.stream.dispose();
    this.listening.dispose();
  }

  private skipBeyond(index: number): void {
    this.listening.seek(Infinity);
    if (this.stream.isOver) return;
    this.awaited = index;
    this.stream.skipTo(index);
  }

  private applied(message: JournalMessage): void {
    switch (message.type) {
      case "text_chunk":
        this.note("firstTextMs");
        this.listeners.text(message.text);
        break;
      case "sentence_started":
        this.arriveAt(message.index, message.start);
        break;
      case "generation_complete":
        this.listeners.complete(message.scene_id);
        break;
      case "error":
        if (message.fatal) this.listeners.error(this.failure(message));
        break;
    }
  }

  /** Notes how long the listener waited for the first of something. */
  private note(first: "firstTextMs" | "firstSoundMs"): void {
    const { timings } = this.store.view;
    if (this.askedAt === null || timings[first] !== null) return;
    this.store.patch({ timings: { ...timings, [first]: this.now() - this.askedAt } });
  }

  private failure({ code, message, retry_after_ms }: Failure): NarrationError {
    return { code, message, retryAfterMs: retry_after_ms };
  }

  private arriveAt(sentence: number, start: number): void {
    if (this.awaited === null || sentence < this.awaited) return;
    this.awaited = null;
    this.listening.seek(start);
  }

  private addSound(sentence: number, start: number, samples: Int16Array<ArrayBuffer>): void {
    // First the listener: the player moves the samples to the audio thread and leaves the array empty.
    this.listeners.audio?.(samples, sentence);
    this.listening.player.send({ type: "write", start, samples });
  }

  private closeSound(): void {
    this.listening.player.send({ type: "close" });
    this.listening.settle();
  }
}
