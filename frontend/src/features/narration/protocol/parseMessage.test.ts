import fc from "fast-check";
import { expect, test } from "vitest";
import type { ServerMessage } from "./messages";
import { parseMessage } from "./parseMessage";
import { ProtocolError } from "./protocolError";

const words = [{ t0: 0, t1: 10, c0: 0, c1: 3 }];

const MESSAGES: ServerMessage[] = [
  {
    type: "connected",
    v: 1,
    session_id: "s",
    sample_rate: 24000,
    codec: "opus",
    opus_head: "T3B1cw==",
    next_seq: 1,
    journal_from: 1,
  },
  { type: "pong" },
  { type: "generation_started", seq: 1, message: "m", voice: "v", engine: "e", model: "x" },
  { type: "text_chunk", seq: 2, text: "Hi", char_start: 0 },
  { type: "sentence_started", seq: 3, index: 0, text: "Hi", char_start: 0, char_end: 2, start: 0 },
  { type: "sentence_extended", seq: 4, index: 0, text: "Hi!", char_end: 3 },
  { type: "sentence_words", seq: 5, index: 0, words, source: "engine" },
  { type: "sentence_finished", seq: 6, index: 0, start: 0, samples: 480 },
  { type: "sentence_failed", seq: 7, index: 1, code: "c", message: "m", retryable: true },
  { type: "sentence_skipped", seq: 8, index: 2 },
  { type: "stopped", seq: 9, reason: "client", at_sample: 480, scene_id: null },
  {
    type: "generation_complete",
    seq: 10,
    scene_id: 4,
    total_sentences: 1,
    total_length: 3,
    samples: 480,
    audio_url: null,
    timings: { rtf: 0.02, engine_first_chunk_s: 0.012, engine_wait_s: null },
  },
  {
    type: "error",
    seq: null,
    code: "c",
    message: "m",
    fatal: false,
    retry_after_ms: 5,
    scene_id: null,
  },
];

test.each(MESSAGES)("reads $type as it was sent", (message) => {
  expect(parseMessage(JSON.stringify(message))).toEqual(message);
});

test("fields that may be absent are read as null", () => {
  const json = JSON.stringify({ type: "error", code: "c", message: "m", fatal: true });
  expect(parseMessage(json)).toMatchObject({ seq: null, retry_after_ms: null, scene_id: null });
});

test("added fields are allowed", () => {
  const json = JSON.stringify({ type: "text_chunk", seq: 1, text: "a", char_start: 0, new: 1 });
  expect(parseMessage(json)).toEqual({ type: "text_chunk", seq: 1, text: "a", char_start: 0 });
});

test("a type that is not known yet keeps its place in the sequence", () => {
  expect(parseMessage('{"type":"later_invention","seq":7}')).toEqual({ type: "unknown", seq: 7 });
});

test.each(["", "null", "[]", "3", "{}", '{"type":5}', '{"type":"text_chunk","seq":-1}'])(
  "%j breaks the protocol",
  (json) => {
    expect(() => parseMessage(json)).toThrow(ProtocolError);
  },
);

test("whatever comes in, the answer is a message or a ProtocolError", () => {
  const types = fc.constantFrom(...MESSAGES.map(({ type }) => type), "toString");
  fc.assert(
    fc.property(types, fc.dictionary(fc.string(), fc.jsonValue()), (type, fields) => {
      try {
        parseMessage(JSON.stringify({ ...fields, type }));
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
  );
});
