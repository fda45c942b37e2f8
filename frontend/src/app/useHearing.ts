import { useEffect, useMemo, useRef, useState } from "react";
import type { Scene } from "@/api/types";
import type { ListeningControls } from "@/features/narration/components/PlayerBar";
import { isBeingWritten } from "@/features/narration/components/stages";
import { useNarrationState } from "@/features/narration/components/useNarrationState";
import { type SleepTimer, useSleepTimer } from "@/features/narration/hooks/useSleepTimer";
import {
  type StoredPlayback,
  useStoredNarration,
} from "@/features/narration/hooks/useStoredNarration";
import type { NarrationState } from "@/features/narration/store/narrationStore";
import type { Place } from "@/features/narration/stored/places";
import type { Narration } from "@/features/narration/transport/narration";
import type { NarrationSession } from "@/features/narration/transport/session";
import type { Telling } from "./useTelling";

/** What is heard on the story's page: the scene that is being written, or a finished one. Never both. */
export interface Hearing {
  /** What the player shows; null while there is nothing to hear. */
  readonly narration: Narration | null;
  readonly state: NarrationState;
  /** The scene that was written here and can still be heard from its session. */
  readonly live: NarrationSession | null;
  /** The finished scene that is heard. */
  readonly stored: StoredPlayback["narration"];
  /** Reads a finished scene aloud, by default from where the reader stopped. Call it inside a click or key event. */
  readonly hear: (sceneId: number, from?: Place) => void;
  /** Puts a finished scene that is heard aside. */
  readonly leave: () => void;
  /** The server has come further with the narration of a scene. */
  readonly refresh: (sceneId: number) => void;
  /** The text of a scene is no longer what was narrated. */
  readonly outdate: (sceneId: number) => void;
  readonly controls: ListeningControls;
  readonly sleepTimer: SleepTimer;
}

export function useHearing(scenes: readonly Scene[], telling: Telling): Hearing {
  const { live, putAside } = useCurrentSession(telling);
  const sleeper = useRef<() => boolean>(() => true);
  const playback = useStoredNarration(usePlayable(scenes), () => sleeper.current());
  const { narration: stored, leave, refresh } = playback;
  const storedState = useNarrationState(stored);
  const narration = stored ?? live;
  const state = stored ? storedState : telling.state;
  const sleepTimer = useSleepTimer(narration, state);
  useEffect(() => {
    sleeper.current = sleepTimer.mayContinue;
  });
  useOneVoice(live ? telling.state : null, leave);

  const hear = (sceneId: number, from?: Place) => {
    if (live && telling.state.sceneId === sceneId && !from) {
      leave();
      live.resume();
      return;
    }
    // What is still being written can be heard later; what is over is stored, and is heard from there.
    if (live && isBeingWritten(telling.state)) live.pause();
    else putAside();
    playback.hear(sceneId, from);
  };
  const outdate = (sceneId: number) => {
    if (sceneId === telling.state.sceneId) putAside();
  };
  const controls = bothOf(telling.controls, playback);
  return { narration, state, live, stored, hear, leave, refresh, outdate, controls, sleepTimer };
}

/** The session of the scene that was written here, until it is put aside. */
function useCurrentSession({ session }: Telling) {
  const [asideId, setAsideId] = useState<string | null>(null);
  const live = session?.sessionId === asideId ? null : session;
  const putAside = () => {
    live?.pause();
    setAsideId(live?.sessionId ?? asideId);
  };
  return { live, putAside };
}

function usePlayable(scenes: readonly Scene[]) {
  return useMemo(() => {
    return scenes.map(({ id, content, narration }) => {
      return { id, text: content, isNarrated: narration?.status === "complete" };
    });
  }, [scenes]);
}

/** As soon as the scene that is written begins to sound, a stored one falls silent. */
function useOneVoice(live: NarrationState | null, leave: () => void): void {
  const sounds = live?.playback === "playing" || live?.playback === "buffering";
  useEffect(() => {
    if (sounds) leave();
  }, [sounds, leave]);
}

/** What the listener sets holds for what is heard next as well, wherever it comes from. */
function bothOf(one: ListeningControls, other: ListeningControls): ListeningControls {
  return {
    setSpeed: (speed) => {
      one.setSpeed(speed);
      other.setSpeed(speed);
    },
    setVolume: (volume) => {
      one.setVolume(volume);
      other.setVolume(volume);
    },
    setMuted: (muted) => {
      one.setMuted(muted);
      other.setMuted(muted);
    },
  };
}
