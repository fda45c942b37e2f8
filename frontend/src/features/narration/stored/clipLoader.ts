import type { Fetch } from "../transport/requests";
import type { ClipDecoder } from "./clipDecoder";
import { nextToFetch, type Urgency } from "./fetchOrder";
import type { StoredClip } from "./timeline";

/** Sound that should lie ready before the listener (24 kHz): a tunnel of half a minute is not noticed. */
const AHEAD_SAMPLES = 30 * 24_000;
/** How many clips may be on their way when one of this urgency is begun. What is waited for never waits. */
const IN_FLIGHT: Readonly<Record<Urgency, number>> = { now: Infinity, soon: 3, later: 1 };
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;
/** Asking again would not help. */
const REFUSALS: readonly number[] = [401, 403, 404, 409, 410];
/** Failures in a row, 3.5 s altogether, after which the listener should hear of them. */
const FAILURES_UNTOLD = 3;

export interface LoaderEvents {
  loaded(clip: StoredClip, samples: Int16Array<ArrayBuffer>): void;
  /** No clip came for some seconds; it is tried on. */
  struggling(): void;
  /** The server does not give this clip (any more) under this address. */
  refused(status: number): void;
}

type Outcome =
  | { readonly type: "sound"; readonly samples: Int16Array<ArrayBuffer> }
  | { readonly type: "refused"; readonly status: number }
  | { readonly type: "failed" };

/** Fetches and decodes the clips of one narration, the most urgent first and each one once. */
export class ClipLoader {
  private readonly fetch: Fetch;
  private readonly decoder: ClipDecoder;
  private readonly events: LoaderEvents;
  private readonly abort = new AbortController();
  private readonly taken = new Set<number>();
  private inFlight = 0;
  private clips: readonly StoredClip[] = [];
  private opusHead = "";
  private position = 0;
  private wantsAll = false;
  private failures = 0;
  private retry: ReturnType<typeof setTimeout> | null = null;

  constructor(fetch: Fetch, decoder: ClipDecoder, events: LoaderEvents) {
    this.fetch = fetch;
    this.decoder = decoder;
    this.events = events;
  }

  /** Says what there is; `want` then begins. Clips known before stay as they were. */
  offer(clips: readonly StoredClip[], opusHead: string): void {
    this.clips = clips;
    this.opusHead = opusHead;
  }

  /** Says what is needed: sound from `position` on, and whether all the rest should follow. */
  want(position: number, wantsAll: boolean): void {
    this.position = position;
    this.wantsAll = wantsAll;
    this.pump();
  }

  dispose(): void {
    this.abort.abort();
    if (this.retry !== null) clearTimeout(this.retry);
  }

  private pump(): void {
    while (this.retry === null && !this.abort.signal.aborted) {
      const step = nextToFetch({
        sentences: this.clips,
        isTaken: (index) => this.taken.has(index),
        position: this.position,
        ahead: AHEAD_SAMPLES,
        wantsAll: this.wantsAll,
      });
      if (!step || this.inFlight >= IN_FLIGHT[step.urgency]) return;
      void this.load(this.clips[step.index] as StoredClip);
    }
  }

  private async load(clip: StoredClip): Promise<void> {
    this.inFlight += 1;
    this.taken.add(clip.index);
    const outcome = await this.attempt(clip);
    this.inFlight -= 1;
    if (this.abort.signal.aborted) return;
    if (outcome.type === "sound") {
      this.failures = 0;
      this.events.loaded(clip, outcome.samples);
    } else if (outcome.type === "refused") {
      this.events.refused(outcome.status);
    } else {
      this.taken.delete(clip.index);
      this.tryLater();
    }
    this.pump();
  }

  private async attempt({ url, samples }: StoredClip): Promise<Outcome> {
    const { signal } = this.abort;
    try {
      const response = await this.fetch(url, { credentials: "same-origin", signal });
      const { status } = response;
      if (REFUSALS.includes(status)) return { type: "refused", status };
      if (!response.ok) return { type: "failed" };
      const clip = new Uint8Array(await response.arrayBuffer());
      return { type: "sound", samples: await this.decoder.decode(clip, this.opusHead, samples) };
    } catch {
      // No answer, an answer that is no clip, or no decoder yet: a later attempt may go well.
      return { type: "failed" };
    }
  }

  private tryLater(): void {
    if (this.retry !== null) return;
    const delay = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    this.failures += 1;
    if (this.failures > FAILURES_UNTOLD) this.events.struggling();
    this.retry = setTimeout(() => {
      this.retry = null;
      this.pump();
    }, delay);
  }
}
