import { useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { sharedAudioOut } from "../audio/audioOut";
import type { NarrationState, Phase } from "../store/narrationStore";
import { browserEnvironment, type Environment } from "../transport/environment";
import { Narrator } from "../transport/narrator";
import type { NarrationListeners, NarrationSession } from "../transport/session";
import { toBase64 } from "./base64";

export interface UseStreamingTTSOptions {
  readonly storyId: number;
  /** What should happen in the scene; may be empty. */
  readonly customPrompt?: string;
  readonly onTextChunk?: (text: string) => void;
  /** Base64 of decoded sound (s16le mono, 24 kHz). Only passing it makes anything be encoded. */
  readonly onAudioChunk?: (audio: string, sentenceNumber: number) => void;
  readonly onComplete?: (sceneId: number) => void;
  readonly onError?: (message: string) => void;
}

export interface StreamingTTS
  extends Pick<
    NarrationState,
    "phase" | "playback" | "sentences" | "error" | "underruns" | "bufferedSamples"
  > {
  /** Writes and narrates the next scene. Call it inside a click or key event. */
  readonly startGeneration: () => Promise<void>;
  /** Silence at once; what was generated stays playable. */
  readonly stopGeneration: () => void;
  /** From the start until the scene is complete, failed, or asked to stop. */
  readonly isGenerating: boolean;
  readonly isPlaying: boolean;
  readonly accumulatedText: string;
  /** For `useNarrationCursor` and everything that needs more than the page's state. */
  readonly session: NarrationSession | null;
  /** Joins a session that runs already, such as after a page reload. */
  readonly attach: (sessionId: string, websocketUrl: string) => void;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly skipNext: () => void;
  readonly skipPrevious: () => void;
  readonly seekToSentence: (index: number) => void;
  /** 0.5..2 */
  readonly setSpeed: (speed: number) => void;
  /** 0..1 */
  readonly setVolume: (volume: number) => void;
  readonly setMuted: (muted: boolean) => void;
  /** Asks the browser for sound. Call it inside a click or key event. */
  readonly unlock: () => void;
}

const BROWSER = browserEnvironment(sharedAudioOut);

const GENERATING: readonly Phase[] = ["connecting", "generating", "reconnecting"];

/**
 * Streams a scene's text and its narration while the scene is being written.
 *
 * Callbacks may be new on every render: the latest ones are called. The functions returned never change.
 *
 * @param environment the browser; the one of the first render is kept.
 */
export function useStreamingTTS(
  options: UseStreamingTTSOptions,
  environment: Environment = BROWSER,
): StreamingTTS {
  const latest = useRef(options);
  // A layout effect: a click that re-renders synchronously and then starts must send the new prompt.
  useLayoutEffect(() => {
    latest.current = options;
  });
  const [narrator] = useState(() => {
    return new Narrator(environment, () => listenersOf(latest));
  });
  useEffect(() => () => narrator.leave(), [narrator]);
  const { session, state, isStopping } = useSyncExternalStore(
    narrator.subscribe,
    narrator.getSnapshot,
  );
  const actions = useMemo(() => actionsOf(narrator, latest), [narrator]);
  const { phase, playback, text, sentences, error, underruns, bufferedSamples } = state;
  return {
    ...actions,
    isGenerating: GENERATING.includes(phase) && !isStopping,
    isPlaying: playback === "playing",
    accumulatedText: text,
    phase,
    playback,
    sentences,
    error,
    underruns,
    bufferedSamples,
    session,
  };
}

type Latest = { readonly current: UseStreamingTTSOptions };

function listenersOf(latest: Latest): NarrationListeners {
  const listeners: NarrationListeners = {
    text: (text) => latest.current.onTextChunk?.(text),
    complete: (sceneId) => latest.current.onComplete?.(sceneId),
    error: (error) => latest.current.onError?.(error.message),
  };
  if (!latest.current.onAudioChunk) return listeners;
  return {
    ...listeners,
    audio: (samples, sentence) => latest.current.onAudioChunk?.(toBase64(samples), sentence),
  };
}

function actionsOf(narrator: Narrator, latest: Latest) {
  const session = () => narrator.getSnapshot().session;
  return {
    startGeneration: () => {
      return narrator.start(latest.current.storyId, latest.current.customPrompt ?? "");
    },
    stopGeneration: () => narrator.stop(),
    attach: (sessionId: string, websocketUrl: string) => {
      narrator.attach(latest.current.storyId, { sessionId, websocketUrl });
    },
    pause: () => session()?.pause(),
    resume: () => session()?.resume(),
    skipNext: () => session()?.skipNext(),
    skipPrevious: () => session()?.skipPrevious(),
    seekToSentence: (index: number) => session()?.seekToSentence(index),
    setSpeed: (speed: number) => narrator.setSpeed(speed),
    setVolume: (volume: number) => narrator.setVolume(volume),
    setMuted: (muted: boolean) => narrator.setMuted(muted),
    unlock: () => session()?.unlock(),
  };
}
