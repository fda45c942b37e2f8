import type { AudioFrame } from "../protocol/frame";
import type { Failure, JournalMessage, TextChunk, UnknownMessage } from "../protocol/messages";
import { ProtocolError } from "../protocol/protocolError";
import { countCodePoints } from "./codePoints";
import type { NarrationError, NarrationState, Narrative } from "./narrationStore";
import { applyToSentences, cutShort } from "./sentences";

/** Frames come ten a second or more; the page hears of their progress in steps of half a second. */
const PROGRESS_STEP_S = 0.5;

/** Whether `seq` was applied before. Such an event is a re-send and changes nothing. */
export function isKnown(narrative: Narrative, seq: number): boolean {
  return seq <= narrative.seq;
}

function inOrder(narrative: Narrative, seq: number): Narrative {
  const expected = narrative.seq + 1;
  if (seq !== expected) throw new ProtocolError(`event ${expected} expected, ${seq} received`);
  return { ...narrative, seq };
}

/**
 * Applies one event of the journal. Pure; an event that is known already returns the same object.
 *
 * @throws ProtocolError when an event or a piece of text is missing before this one.
 */
export function apply(narrative: Narrative, message: JournalMessage | UnknownMessage): Narrative {
  if (message.seq !== null && isKnown(narrative, message.seq)) return narrative;
  const counted = message.seq === null ? narrative : inOrder(narrative, message.seq);
  return message.type === "text_chunk"
    ? addText(counted, message)
    : withView(counted, nextView(counted, message));
}

/** Notes that a frame's sound was received. Same rules as `apply`. */
export function applyFrame(narrative: Narrative, frame: AudioFrame): Narrative {
  if (isKnown(narrative, frame.seq)) return narrative;
  const received = Math.max(narrative.received, frame.start + frame.samples);
  const counted = { ...inOrder(narrative, frame.seq), received };
  const step = counted.view.sampleRate * PROGRESS_STEP_S;
  if (received - counted.view.bufferedSamples < step) return counted;
  return withView(counted, withProgress(counted.view, frame, received));
}

function withProgress(view: NarrationState, frame: AudioFrame, received: number): NarrationState {
  const sentence = view.sentences[frame.sentence];
  if (sentence?.status !== "speaking") return { ...view, bufferedSamples: received };
  const samples = Math.max(sentence.samples, frame.start + frame.samples - sentence.start);
  const sentences = view.sentences.with(frame.sentence, { ...sentence, samples });
  return { ...view, bufferedSamples: received, sentences };
}

function withView(narrative: Narrative, view: NarrationState): Narrative {
  return view === narrative.view ? narrative : { ...narrative, view };
}

function addText(narrative: Narrative, message: TextChunk): Narrative {
  const { view, codePoints } = narrative;
  if (message.char_start !== codePoints) {
    throw new ProtocolError(`text at ${codePoints} expected, at ${message.char_start} received`);
  }
  return {
    ...narrative,
    codePoints: codePoints + countCodePoints(message.text),
    view: { ...view, text: view.text + message.text },
  };
}

function nextView(
  narrative: Narrative,
  message: Exclude<JournalMessage | UnknownMessage, TextChunk>,
): NarrationState {
  const { view, received } = narrative;
  switch (message.type) {
    case "unknown":
      return view;
    case "generation_started": {
      const { voice, engine, model } = message;
      return { ...view, info: { voice, engine, model } };
    }
    case "generation_complete":
      return {
        ...ended(view, received, message.scene_id),
        phase: "complete",
        timings: { ...view.timings, server: message.timings },
      };
    case "stopped":
      return { ...ended(view, received, message.scene_id), phase: "stopped" };
    case "error":
      return message.fatal
        ? failed(ended(view, received, message.scene_id), message)
        : failed(view, message);
    default:
      return {
        ...view,
        bufferedSamples: received,
        sentences: applyToSentences(view.sentences, message, { text: view.text, received }),
      };
  }
}

/** Everything that will ever sound was received: the journal keeps its order. */
function ended(view: NarrationState, received: number, sceneId: number | null): NarrationState {
  return {
    ...view,
    sceneId: sceneId ?? view.sceneId,
    bufferedSamples: received,
    totalSamples: received,
    sentences: view.sentences.map((sentence) => cutShort(sentence, received)),
  };
}

function failed(view: NarrationState, { code, message, fatal, retry_after_ms }: Failure) {
  const error = { code, message, retryAfterMs: retry_after_ms };
  return fatal ? { ...view, error, phase: "failed" as const } : { ...view, error };
}

/** The end that the page itself declares, when the server can no longer be asked. */
export function endedHere(
  narrative: Narrative,
  end: { readonly phase: "stopped" } | { readonly phase: "failed"; readonly error: NarrationError },
): Narrative {
  const view = { ...ended(narrative.view, narrative.received, null), ...end };
  return { ...narrative, view };
}
