import fc from "fast-check";
import type { AudioFrame } from "../protocol/frame";
import { encodeFrame, pcmFrame } from "../protocol/frame.fixture";
import type { JournalMessage } from "../protocol/messages";
import { apply, applyFrame } from "./apply";
import { EMPTY_NARRATIVE, type Narrative } from "./narrationStore";

export type JournalEvent = JournalMessage | AudioFrame;

type Unnumbered = JournalMessage extends infer M
  ? M extends JournalMessage
    ? Omit<M, "seq">
    : never
  : never;

/** Writes a journal: numbers every event and keeps the places of text and sound. */
export class Script {
  readonly events: JournalEvent[] = [];
  private codePoints = 0;
  private sample = 0;
  private sentences = 0;

  say(message: Unnumbered): this {
    this.events.push({ ...message, seq: this.events.length + 1 } as JournalMessage);
    return this;
  }

  text(text: string): this {
    this.say({ type: "text_chunk", text, char_start: this.codePoints });
    this.codePoints += [...text].length;
    return this;
  }

  /** One sentence: its text, its start, `frames` frames of 2,400 samples, its words, its end. */
  sentence(text: string, frames: number, samples = (start: number) => ramp(start, 2400)): this {
    const charStart = this.codePoints;
    const index = this.sentences++;
    const start = this.sample;
    const charEnd = charStart + [...text].length;
    this.text(text);
    this.say({
      type: "sentence_started",
      index,
      text,
      char_start: charStart,
      char_end: charEnd,
      start,
    });
    for (let i = 0; i < frames; i++) {
      const at = { seq: this.events.length + 1, start: this.sample, sentence: index };
      this.events.push(pcmFrame(samples(this.sample), at));
      this.sample += 2400;
    }
    const word = { t0: 0, t1: this.sample - start, c0: 0, c1: [...text].length };
    this.say({ type: "sentence_words", index, words: [word], source: "engine" });
    return this.say({ type: "sentence_finished", index, start, samples: this.sample - start });
  }

  complete(sceneId = 7): this {
    return this.say({
      type: "generation_complete",
      scene_id: sceneId,
      total_sentences: this.sentences,
      total_length: this.codePoints,
      samples: this.sample,
      audio_url: null,
      timings: { rtf: 0.02, engine_first_chunk_s: 0.012, engine_wait_s: 0 },
    });
  }
}

/** Samples that tell their own address. */
export function ramp(start: number, count: number): Int16Array<ArrayBuffer> {
  return Int16Array.from({ length: count }, (_, i) => ((start + i) % 30_000) + 1);
}

export function applyEvent(narrative: Narrative, event: JournalEvent): Narrative {
  return "codec" in event ? applyFrame(narrative, event) : apply(narrative, event);
}

export function told(events: readonly JournalEvent[], from = EMPTY_NARRATIVE): Narrative {
  return events.reduce(applyEvent, from);
}

/** An event as it crosses the socket. */
export function onTheWire(event: JournalEvent): string | ArrayBuffer {
  return "codec" in event ? encodeFrame(event) : JSON.stringify(event);
}

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });

/** Whole journals with every kind of event in a legal order. */
export const scripts = fc
  .tuple(
    fc.array(fc.tuple(text, fc.nat(8), fc.constantFrom("spoken", "failed", "skipped"))),
    fc.constantFrom("complete", "stopped", "failed", "open"),
  )
  .map(([sentences, end]) => {
    const script = new Script();
    script.say({ type: "generation_started", message: "m", voice: "v", engine: "e", model: "x" });
    sentences.forEach(([words, frames, fate], index) => {
      if (fate === "spoken") script.sentence(words, frames);
      else script.text(words).sentence("", 0);
      const failure = { code: "c", message: "m", retryable: false };
      if (fate === "failed") script.say({ type: "sentence_failed", index, ...failure });
      if (fate === "skipped") script.say({ type: "sentence_skipped", index });
    });
    if (end === "complete") script.complete();
    if (end === "stopped") script.say({ type: "stopped", reason: "r", at_sample: 0, scene_id: 3 });
    const failure = { code: "c", message: "m", fatal: true, retry_after_ms: null, scene_id: null };
    if (end === "failed") script.say({ type: "error", ...failure });
    return script.events;
  });
