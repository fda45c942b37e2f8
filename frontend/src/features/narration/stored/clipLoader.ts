import type { Fetch } from "../transport/requests";
import { type ClipDecoder, ClipError } from "./clipDecoder";
import { nextToFetch, type Urgency } from "./fetchOrder";
import type { StoredSentence } from "./timeline";

/** Sound that should lie ready before the listener (24 kHz): a tunnel of half a minute is not noticed. */
const AHEAD_SAMPLES = 30 * 24_000;
/** How many clips may be on their way when one of this urgency is begun. What is waited for never waits. */
const IN_FLIGHT: Readonly<Record<Urgency, number>> = { now: Infinity, soon: 3, later: 1 };
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;

export interface LoaderEvents {
  loaded(index: number, samples: Int16Array<ArrayBuffer>): void;
  /** The server no longer has this clip under this address. */
  gone(): void;
  /** The server refuses, or sends what is no sound; trying again does not help. */
  failed(status: number): void;
}

/** Fetches and decodes the clips of one narration, the most urgent first and each one once. */
export class ClipLoader {
  private readonly fetch: Fetch;
  private readonly decoder: ClipDecoder;
  private readonly events: LoaderEvents;
  private readonly abort = new AbortController();
  private readonly loaded = new Set<number>();
  private readonly inFlight = new Set<number>();
  private sentences: readonly StoredSentence[] = [];
  private position = 0;
  private wantsAll = false;
  private failures = 0;
  private retry: ReturnType<typeof setTimeout> | null = null;

  constructor(fetch: Fetch, decoder: ClipDecoder, events: LoaderEvents) {
    this.fetch = fetch;
    this.decoder = decoder;
    this.events = events;
  }

  /** Says what there is. Sentences known before keep their places. */
  offer(sentences: readonly StoredSentence[]): void {
    this.sentences = sentences;
    this.pump();
  }

  /** Says what is needed: sound from `position` on, and whether the rest should come as well. */
  want(position: number, wantsAll: boolean): void {
    this.position = position;
    this.wantsAll ||= wantsAll;
    this.pump();
  }

  dispose(): void {
    this.abort.abort();
    if (this.retry !== null) clearTimeout(this.retry);
  }

  private pump(): void {
    if (this.retry !== null) return;
    while (!this.abort.signal.aborted) {
      const step = nextToFetch({
        sentences: this.sentences,
        isTaken: (index) => this.loaded.has(index) || this.inFlight.has(index),
        position: this.position,
        ahead: AHEAD_SAMPLES,
        wantsAll: this.wantsAll,
      });
      if (!step || this.inFlight.size >= IN_FLIGHT[step.urgency]) return;
      void this.load(this.sentences[step.index] as StoredSentence);
    }
  }

  private async load(sentence: StoredSentence): Promise<void> {
    this.inFlight.add(sentence.index);
    const outcome = await this.attempt(sentence);
    this.inFlight.delete(sentence.index);
    if (this.abort.signal.aborted) return;
    if (outcome instanceof Int16Array) {
      this.failures = 0;
      this.loaded.add(sentence.index);
      this.events.loaded(sentence.index, outcome);
      this.pump();
    } else {
      this.settleFailure(outcome);
    }
  }

  /** The samples; or the status that came instead, 0 for none. */
  private async attempt(sentence: StoredSentence): Promise<Int16Array<ArrayBuffer> | number> {
    const { signal } = this.abort;
    try {
      const response = await this.fetch(sentence.url, { credentials: "same-origin", signal });
      if (!response.ok) return response.status;
      const file = new Uint8Array(await response.arrayBuffer());
      return await this.decoder.decode(file, sentence.samples);
    } catch (cause) {
      return cause instanceof ClipError ? NO_CLIP : 0;
    }
  }

  private settleFailure(status: number): void {
    if (status === 404 || status === 410) this.events.gone();
    else if (status === 401 || status === 403) this.events.failed(status);
    else this.tryLater();
  }

  private tryLater(): void {
    if (this.retry !== null) return;
    const delay = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    this.failures += 1;
    this.retry = setTimeout(() => {
      this.retry = null;
      this.pump();
    }, delay);
  }
}
