/**
 * Messages of a live session as they cross the socket (subprotocol `rhapsode.v1`).
 *
 * Fields keep their wire names. Every number is a non-negative integer. Samples are at 24 kHz; characters are
 * Unicode code points, which is what the server counts (a JavaScript string counts UTF-16 units).
 */

export const PROTOCOL = "rhapsode.v1";
export const PROTOCOL_VERSION = 1;

export type Codec = "pcm_s16le" | "opus";

/** Who timed the words: the engine itself, an aligner that listened, or arithmetic. */
export type WordsSource = "engine" | "aligner" | "estimate";

/** One word: samples `t0..t1` and characters `c0..c1`, both counted from its sentence's beginning. */
export interface WireWord {
  readonly t0: number;
  readonly t1: number;
  readonly c0: number;
  readonly c1: number;
}

export interface Connected {
  readonly type: "connected";
  readonly v: number;
  readonly session_id: string;
  /** Samples per second of the whole session. */
  readonly sample_rate: number;
  readonly codec: Codec;
  /** Base64 of the OpusHead, when the codec is opus. */
  readonly opus_head: string | null;
  readonly next_seq: number;
  readonly journal_from: number;
}

export interface Pong {
  readonly type: "pong";
}

export interface GenerationStarted {
  readonly type: "generation_started";
  readonly seq: number;
  readonly message: string;
  readonly voice: string | null;
  /** Null when the scene is written without sound. */
  readonly engine: string | null;
  readonly model: string;
}

export interface TextChunk {
  readonly type: "text_chunk";
  readonly seq: number;
  readonly text: string;
  /** Offset in the scene. */
  readonly char_start: number;
}

export interface SentenceStarted {
  readonly type: "sentence_started";
  readonly seq: number;
  readonly index: number;
  readonly text: string;
  readonly char_start: number;
  readonly char_end: number;
  /** Absolute sample at which the sentence begins to sound. */
  readonly start: number;
}

/** A sentence began to sound before it was written to its end, and now it grows. */
export interface SentenceExtended {
  readonly type: "sentence_extended";
  readonly seq: number;
  readonly index: number;
  /** The whole sentence as far as it is known, not only the new part. */
  readonly text: string;
  readonly char_end: number;
}

export interface SentenceWords {
  readonly type: "sentence_words";
  readonly seq: number;
  readonly index: number;
  readonly words: readonly WireWord[];
  readonly source: WordsSource;
}

export interface SentenceFinished {
  readonly type: "sentence_finished";
  readonly seq: number;
  readonly index: number;
  readonly start: number;
  readonly samples: number;
}

export interface SentenceFailed {
  readonly type: "sentence_failed";
  readonly seq: number;
  readonly index: number;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

export interface SentenceSkipped {
  readonly type: "sentence_skipped";
  readonly seq: number;
  readonly index: number;
}

export interface Stopped {
  readonly type: "stopped";
  readonly seq: number;
  readonly reason: string;
  readonly at_sample: number;
  readonly scene_id: number | null;
}

/** What a scene took on the server, in seconds; null where it was not measured. */
export interface ServerTimings {
  /** The engine's work per second of sound. */
  readonly rtf: number | null;
  /** From a sentence's turn to its first sound. */
  readonly engine_first_chunk_s: number | null;
  /** What sentences waited for a busy engine, all together. */
  readonly engine_wait_s: number | null;
}

export interface GenerationComplete {
  readonly type: "generation_complete";
  readonly seq: number;
  readonly scene_id: number;
  readonly total_sentences: number;
  readonly total_length: number;
  readonly samples: number;
  readonly audio_url: string | null;
  readonly timings: ServerTimings | null;
}

export interface Failure {
  readonly type: "error";
  /** Null for a non-fatal error of the transport, which is not part of the journal. */
  readonly seq: number | null;
  readonly code: string;
  readonly message: string;
  readonly fatal: boolean;
  readonly retry_after_ms: number | null;
  /** The scene that holds the text so far, if there was any. */
  readonly scene_id: number | null;
}

/** A type that this client does not know yet. It still takes its number in the sequence. */
export interface UnknownMessage {
  readonly type: "unknown";
  readonly seq: number | null;
}

/** What changes the story's state: it has a number in the journal. */
export type JournalMessage =
  | GenerationStarted
  | TextChunk
  | SentenceStarted
  | SentenceExtended
  | SentenceWords
  | SentenceFinished
  | SentenceFailed
  | SentenceSkipped
  | Stopped
  | GenerationComplete
  | Failure;

export type ServerMessage = Connected | Pong | JournalMessage | UnknownMessage;

export type ClientMessage =
  | {
      readonly type: "start";
      readonly v: typeof PROTOCOL_VERSION;
      /** 0 = from the beginning, N = everything after event N. */
      readonly after_seq: number;
      readonly codecs: readonly Codec[];
      readonly window_ms: number;
    }
  | {
      readonly type: "ack";
      readonly seq: number;
      readonly played_sample: number;
      readonly window_ms: number;
      /** How often the sound has run out since the session began. */
      readonly underruns: number;
    }
  | { readonly type: "stop"; readonly keep: boolean }
  | { readonly type: "skip"; readonly to_sentence: number }
  | { readonly type: "ping"; readonly t: number };
