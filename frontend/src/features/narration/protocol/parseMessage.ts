import { MAX_SENTENCES } from "./frame";
import type { Codec, ServerMessage, ServerTimings, WireWord, WordsSource } from "./messages";
import { ProtocolError } from "./protocolError";

/** Reads named fields out of one JSON object and refuses what has the wrong type. */
class Fields {
  private readonly object: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new ProtocolError("expected a JSON object");
    }
    this.object = value as Record<string, unknown>;
  }

  text(name: string): string {
    const value = this.object[name];
    if (typeof value !== "string") throw this.wrong(name, "a string");
    return value;
  }

  /** A non-negative integer. */
  count(name: string): number {
    const value = this.object[name];
    if (!Number.isSafeInteger(value) || (value as number) < 0) throw this.wrong(name, "a count");
    return value as number;
  }

  flag(name: string): boolean {
    const value = this.object[name];
    if (typeof value !== "boolean") throw this.wrong(name, "a boolean");
    return value;
  }

  textOrNull(name: string): string | null {
    return this.isAbsent(name) ? null : this.text(name);
  }

  countOrNull(name: string): number | null {
    return this.isAbsent(name) ? null : this.count(name);
  }

  /** A finite number, not below 0. */
  amountOrNull(name: string): number | null {
    if (this.isAbsent(name)) return null;
    const value = this.object[name];
    if (typeof value !== "number" || !(value >= 0)) throw this.wrong(name, "an amount");
    return value;
  }

  partOrNull<T>(name: string, parse: (part: Fields) => T): T | null {
    return this.isAbsent(name) ? null : parse(new Fields(this.object[name]));
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const value = this.text(name);
    const found = allowed.find((item) => item === value);
    if (found === undefined) throw this.wrong(name, allowed.join(" or "));
    return found;
  }

  list<T>(name: string, parse: (item: Fields) => T): T[] {
    const value = this.object[name];
    if (!Array.isArray(value)) throw this.wrong(name, "a list");
    return value.map((item) => parse(new Fields(item)));
  }

  /** A sentence's number; it must fit the 16 bits that an audio frame has for it. */
  sentence(): number {
    const index = this.count("index");
    if (index >= MAX_SENTENCES) throw this.wrong("index", `below ${MAX_SENTENCES}`);
    return index;
  }

  private isAbsent(name: string): boolean {
    return this.object[name] === undefined || this.object[name] === null;
  }

  private wrong(name: string, expected: string): ProtocolError {
    return new ProtocolError(`field ${name} should be ${expected}`);
  }
}

const CODECS: readonly Codec[] = ["pcm_s16le", "opus"];
const SOURCES: readonly WordsSource[] = ["engine", "aligner", "estimate"];

type KnownType = Exclude<ServerMessage["type"], "unknown">;
type Parsers = {
  readonly [T in KnownType]: (fields: Fields) => Extract<ServerMessage, { type: T }>;
};

const PARSERS: Parsers = {
  connected: (f) => ({
    type: "connected",
    v: f.count("v"),
    session_id: f.text("session_id"),
    sample_rate: f.count("sample_rate"),
    codec: f.oneOf("codec", CODECS),
    opus_head: f.textOrNull("opus_head"),
    next_seq: f.count("next_seq"),
    journal_from: f.count("journal_from"),
  }),
  pong: () => ({ type: "pong" }),
  generation_started: (f) => ({
    type: "generation_started",
    seq: f.count("seq"),
    message: f.text("message"),
    voice: f.textOrNull("voice"),
    engine: f.textOrNull("engine"),
    model: f.text("model"),
  }),
  text_chunk: (f) => ({
    type: "text_chunk",
    seq: f.count("seq"),
    text: f.text("text"),
    char_start: f.count("char_start"),
  }),
  sentence_started: (f) => ({
    type: "sentence_started",
    seq: f.count("seq"),
    index: f.sentence(),
    text: f.text("text"),
    char_start: f.count("char_start"),
    char_end: f.count("char_end"),
    start: f.count("start"),
  }),
  sentence_extended: (f) => ({
    type: "sentence_extended",
    seq: f.count("seq"),
    index: f.sentence(),
    text: f.text("text"),
    char_end: f.count("char_end"),
  }),
  sentence_words: (f) => ({
    type: "sentence_words",
    seq: f.count("seq"),
    index: f.sentence(),
    words: f.list("words", parseWord),
    source: f.oneOf("source", SOURCES),
  }),
  sentence_finished: (f) => ({
    type: "sentence_finished",
    seq: f.count("seq"),
    index: f.sentence(),
    start: f.count("start"),
    samples: f.count("samples"),
  }),
  sentence_failed: (f) => ({
    type: "sentence_failed",
    seq: f.count("seq"),
    index: f.sentence(),
    code: f.text("code"),
    message: f.text("message"),
    retryable: f.flag("retryable"),
  }),
  sentence_skipped: (f) => ({
    type: "sentence_skipped",
    seq: f.count("seq"),
    index: f.sentence(),
  }),
  stopped: (f) => ({
    type: "stopped",
    seq: f.count("seq"),
    reason: f.text("reason"),
    at_sample: f.count("at_sample"),
    scene_id: f.countOrNull("scene_id"),
  }),
  generation_complete: (f) => ({
    type: "generation_complete",
    seq: f.count("seq"),
    scene_id: f.count("scene_id"),
    total_sentences: f.count("total_sentences"),
    total_length: f.count("total_length"),
    samples: f.count("samples"),
    audio_url: f.textOrNull("audio_url"),
    timings: f.partOrNull("timings", parseTimings),
  }),
  error: (f) => ({
    type: "error",
    seq: f.countOrNull("seq"),
    code: f.text("code"),
    message: f.text("message"),
    fatal: f.flag("fatal"),
    retry_after_ms: f.countOrNull("retry_after_ms"),
    scene_id: f.countOrNull("scene_id"),
  }),
};

function parseTimings(f: Fields): ServerTimings {
  return {
    rtf: f.amountOrNull("rtf"),
    engine_first_chunk_s: f.amountOrNull("engine_first_chunk_s"),
    engine_wait_s: f.amountOrNull("engine_wait_s"),
  };
}

function parseWord(f: Fields): WireWord {
  return { t0: f.count("t0"), t1: f.count("t1"), c0: f.count("c0"), c1: f.count("c1") };
}

function isKnown(type: string): type is KnownType {
  return Object.hasOwn(PARSERS, type);
}

/**
 * Reads one JSON text frame of the server.
 *
 * @throws ProtocolError when it is no JSON object or a field of a known type is missing or malformed.
 */
export function parseMessage(json: string): ServerMessage {
  const fields = new Fields(parseJson(json));
  const type = fields.text("type");
  if (!isKnown(type)) return { type: "unknown", seq: fields.countOrNull("seq") };
  return PARSERS[type](fields);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new ProtocolError("a text frame is not JSON", { cause });
  }
}
