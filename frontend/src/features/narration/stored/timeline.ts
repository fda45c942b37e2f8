import type { WordsSource } from "../protocol/messages";
import { utf16Offset } from "../store/codePoints";
import type { NarrationError, SentenceState } from "../store/narrationStore";

/**
 * How far a stored narration is. `incomplete`: some of its sound had to make room on the server's disk; it is made
 * again when it is asked for.
 */
export type NarrationStatus = "queued" | "running" | "complete" | "incomplete" | "failed";

/** One sentence that can be heard, as the server sends it. Characters count code points. */
interface SentenceBody {
  readonly index: number;
  readonly text: string;
  readonly char_start: number;
  readonly char_end: number;
  readonly start: number;
  readonly samples: number;
  readonly words: readonly { t0: number; t1: number; c0: number; c1: number }[];
  readonly words_source: WordsSource;
  readonly url: string;
}

/** `GET /api/scenes/{id}/narration`. */
export interface NarrationBody {
  readonly status: NarrationStatus;
  readonly chunk_count: number;
  readonly chunks_ready: number;
  /** Why it failed; or, while it is tried again, what went wrong before. */
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly opus_head: string;
  /** From the first to the first one that is missing. */
  readonly sentences: readonly SentenceBody[];
}

/** Where a sentence lies, and where its sound is to be had. */
export interface StoredClip {
  readonly index: number;
  readonly start: number;
  readonly samples: number;
  readonly url: string;
}

/** A stored narration, as far as it can be heard. */
export interface StoredTimeline {
  readonly sentences: readonly SentenceState[];
  readonly clips: readonly StoredClip[];
  readonly opusHead: string;
  /** One past the last sample. */
  readonly samples: number;
  readonly status: NarrationStatus;
  readonly error: NarrationError | null;
}

/**
 * The server's answer in the page's terms.
 *
 * @param text the scene that is narrated.
 */
export function timelineOf(body: NarrationBody, text: string): StoredTimeline {
  const last = body.sentences.at(-1);
  return {
    sentences: body.sentences.map((sentence) => sentenceOf(sentence, text)),
    clips: body.sentences.map(clipOf),
    opusHead: body.opus_head,
    samples: last ? last.start + last.samples : 0,
    status: body.status,
    error: body.error && { ...body.error, retryAfterMs: null },
  };
}

function sentenceOf(body: SentenceBody, text: string): SentenceState {
  return {
    index: body.index,
    text: body.text,
    charStart: utf16Offset(text, body.char_start),
    charEnd: utf16Offset(text, body.char_end),
    start: body.start,
    samples: body.samples,
    words: body.words.map(({ t0, t1, c0, c1 }) => {
      return { t0, t1, c0: utf16Offset(body.text, c0), c1: utf16Offset(body.text, c1) };
    }),
    wordsSource: body.words_source,
    status: "done",
    failure: null,
  };
}

function clipOf({ index, start, samples, url }: SentenceBody): StoredClip {
  // Bare packets: the same sound as the Ogg file behind the plain address, without a container to take apart.
  return { index, start, samples, url: `${url}${url.includes("?") ? "&" : "?"}format=packets` };
}

const BEING_MADE: readonly NarrationStatus[] = ["queued", "running"];

/** Nothing more will be added to it. */
export function isFinal({ status }: Pick<StoredTimeline, "status">): boolean {
  return !BEING_MADE.includes(status);
}

/** Whether everything that was known before stands where it stood. */
export function continues(timeline: StoredTimeline, before: StoredTimeline): boolean {
  return before.clips.every((clip, i) => {
    const now = timeline.clips[i];
    return now?.url === clip.url && now.start === clip.start;
  });
}
