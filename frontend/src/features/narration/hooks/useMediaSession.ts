import { useEffect } from "react";
import { SilentTrack } from "../audio/silentTrack";
import type { NarrationState } from "../store/narrationStore";
import type { Narration } from "../transport/narration";

/** How far the "forward" and "back" keys of a headset move when they do not say. */
const STEP_S = 15;

/** Between these the system counts on by itself; it does not know of seeks and droughts. */
const POSITION_EVERY_MS = 1000;

/** What a lock screen shows. */
export interface MediaTitle {
  /** The scene. */
  readonly title: string;
  /** The story. */
  readonly artist: string;
}

type Handlers = Partial<Record<MediaSessionAction, MediaSessionActionHandler>>;

/** Shows the narration on lock screens and in notifications, and obeys their buttons and those of headsets. */
export function useMediaSession(
  narration: Narration | null,
  { playback, totalSamples, sampleRate, speed }: NarrationState,
  { title, artist }: MediaTitle,
): void {
  const isPresent = narration !== null && playback !== "idle";
  useEffect(() => {
    if (!isPresent || !("mediaSession" in navigator)) return;
    navigator.mediaSession.metadata = new MediaMetadata({ title, artist });
    return () => {
      navigator.mediaSession.metadata = null;
    };
  }, [isPresent, title, artist]);

  useEffect(() => {
    if (!narration || !isPresent || !("mediaSession" in navigator)) return;
    return obey(handlersOf(narration, sampleRate));
  }, [narration, isPresent, sampleRate]);

  const sounds = playback === "playing" || playback === "buffering";
  useEffect(() => {
    if (!isPresent || !("mediaSession" in navigator)) return;
    navigator.mediaSession.playbackState = sounds ? "playing" : "paused";
    return () => {
      navigator.mediaSession.playbackState = "none";
    };
  }, [isPresent, sounds]);

  useEffect(() => {
    if (!narration || !("mediaSession" in navigator) || totalSamples === null) return;
    const duration = totalSamples / sampleRate;
    const tell = () => {
      const position = Math.min((narration.cursor()?.position ?? 0) / sampleRate, duration);
      navigator.mediaSession.setPositionState({ duration, position, playbackRate: speed });
    };
    tell();
    const timer = sounds ? setInterval(tell, POSITION_EVERY_MS) : undefined;
    return () => {
      clearInterval(timer);
      navigator.mediaSession.setPositionState();
    };
  }, [narration, totalSamples, sampleRate, speed, sounds]);

  useSilentTrack(playback === "playing" && narration?.isMedia === false);
}

/** Chrome shows media of elements only: a silent one stands for the voice, which is none. */
function useSilentTrack(isPlaying: boolean): void {
  useEffect(() => {
    if (!isPlaying || !("mediaSession" in navigator)) return;
    const track = new SilentTrack();
    return () => track.end();
  }, [isPlaying]);
}

function obey(handlers: Handlers): () => void {
  const actions = Object.keys(handlers) as MediaSessionAction[];
  for (const action of actions) setHandler(action, handlers[action] ?? null);
  return () => {
    for (const action of actions) setHandler(action, null);
  };
}

function setHandler(action: MediaSessionAction, handler: MediaSessionActionHandler | null): void {
  try {
    navigator.mediaSession.setActionHandler(action, handler);
  } catch (cause) {
    // Browsers throw a TypeError for actions that they do not know; the others work all the same.
    if (!(cause instanceof TypeError)) throw cause;
  }
}

function handlersOf(narration: Narration, sampleRate: number): Handlers {
  const move = (seconds: number) => {
    const position = narration.cursor()?.position ?? 0;
    narration.seekToSample(Math.max(0, position + seconds * sampleRate));
  };
  return {
    play: () => narration.resume(),
    pause: () => narration.pause(),
    stop: () => narration.pause(),
    previoustrack: () => narration.skipPrevious(),
    nexttrack: () => narration.skipNext(),
    seekbackward: ({ seekOffset }) => move(-(seekOffset ?? STEP_S)),
    seekforward: ({ seekOffset }) => move(seekOffset ?? STEP_S),
    seekto: ({ seekTime }) => narration.seekToSample((seekTime ?? 0) * sampleRate),
  };
}
