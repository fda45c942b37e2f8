import type {
  SentenceExtended,
  SentenceFailed,
  SentenceFinished,
  SentenceSkipped,
  SentenceStarted,
  SentenceWords,
} from "../protocol/messages";
import { utf16Offset } from "./codePoints";
import type { SentenceState, WordTime } from "./narrationStore";

export type SentenceMessage =
  | SentenceStarted
  | SentenceExtended
  | SentenceWords
  | SentenceFinished
  | SentenceFailed
  | SentenceSkipped;

/** What a sentence looks like of which only the place is known: it holds no text and no sound. */
function unspoken(index: number, before: SentenceState | undefined): SentenceState {
  const charEnd = before?.charEnd ?? 0;
  return {
    index,
    text: "",
    charStart: charEnd,
    charEnd,
    start: before ? before.start + before.samples : 0,
    samples: 0,
    words: [],
    wordsSource: null,
    status: "skipped",
    failure: null,
  };
}

/** The same sentences, long enough that `index` has a place. */
function upTo(sentences: readonly SentenceState[], index: number): SentenceState[] {
  const extended = sentences.slice();
  while (extended.length <= index) extended.push(unspoken(extended.length, extended.at(-1)));
  return extended;
}

/** What the rest of the narrative knows, for placing a sentence in it. */
export interface Surroundings {
  /** The scene as far as it is written. */
  readonly text: string;
  /** One past the last sample received. */
  readonly received: number;
}

/** Applies one message about one sentence. Pure. */
export function applyToSentences(
  sentences: readonly SentenceState[],
  message: SentenceMessage,
  around: Surroundings,
): readonly SentenceState[] {
  const next = upTo(sentences, message.index);
  next[message.index] = changed(next[message.index] as SentenceState, message, around);
  return next;
}

function changed(
  sentence: SentenceState,
  message: SentenceMessage,
  around: Surroundings,
): SentenceState {
  switch (message.type) {
    case "sentence_started":
      return started(sentence, message, around.text);
    case "sentence_extended": {
      const { text, char_end } = message;
      return { ...sentence, text, charEnd: utf16Offset(around.text, char_end) };
    }
    case "sentence_words":
      return { ...sentence, words: wordsIn(sentence.text, message), wordsSource: message.source };
    case "sentence_finished": {
      const status = sentence.status === "failed" ? "failed" : "done";
      return { ...sentence, start: message.start, samples: message.samples, status };
    }
    case "sentence_failed": {
      const failure = { code: message.code, message: message.message };
      return { ...cutShort(sentence, around.received), status: "failed", failure };
    }
    case "sentence_skipped":
      return { ...cutShort(sentence, around.received), status: "skipped" };
  }
}

function started(
  sentence: SentenceState,
  message: SentenceStarted,
  sceneText: string,
): SentenceState {
  return {
    ...sentence,
    text: message.text,
    charStart: utf16Offset(sceneText, message.char_start),
    charEnd: utf16Offset(sceneText, message.char_end),
    start: message.start,
    status: "speaking",
  };
}

function wordsIn(text: string, message: SentenceWords): WordTime[] {
  return message.words.map(({ t0, t1, c0, c1 }) => {
    return { t0, t1, c0: utf16Offset(text, c0), c1: utf16Offset(text, c1) };
  });
}

/** A sentence that is being spoken and gets no more sound keeps what was received; others stay as they are. */
export function cutShort(sentence: SentenceState, received: number): SentenceState {
  if (sentence.status !== "speaking") return sentence;
  return { ...sentence, status: "done", samples: Math.max(0, received - sentence.start) };
}
