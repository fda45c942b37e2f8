import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { sharedAudioOut } from "../audio/audioOut";
import { devicePlayback } from "../audio/devicePlayback";
import { mediaOutOf } from "../audio/mediaOut";
import { OpusClipDecoder } from "../stored/clipDecoder";
import type { Place } from "../stored/places";
import { ScenePlayer } from "../stored/scenePlayer";
import type { StoredEnvironment, StoredNarration } from "../stored/storedNarration";
import type { PlayableScene } from "../stored/timelineWatch";

export interface StoredPlayback {
  /** The scene that is heard; null while none is. */
  readonly narration: StoredNarration | null;
  /** Plays a scene, by default from where this reader stopped. Call it inside a click or key event where there is one. */
  readonly hear: (sceneId: number, from?: Place) => void;
  readonly leave: () => void;
  /** The server has come further with the narration of a scene. */
  readonly refresh: (sceneId: number) => void;
  /** 0.5..2 */
  readonly setSpeed: (speed: number) => void;
  /** 0..1 */
  readonly setVolume: (volume: number) => void;
  readonly setMuted: (muted: boolean) => void;
}

const BROWSER: StoredEnvironment = {
  fetch: (url, init) => fetch(url, init),
  audioOut: ({ id, isNarrated }) =>
    isNarrated && devicePlayback.getState().throughLock ? mediaOutOf(id) : sharedAudioOut(),
  clips: new OpusClipDecoder(),
  now: () => performance.now(),
};

/**
 * Plays the stored narrations of a story's scenes, one after another.
 *
 * @param scenes in order; may be new on every render.
 * @param mayContinue is asked at a scene's end; the one of the first render is kept, as is the environment.
 */
export function useStoredNarration(
  scenes: readonly PlayableScene[],
  mayContinue: () => boolean,
  environment: StoredEnvironment = BROWSER,
): StoredPlayback {
  const [player] = useState(() => new ScenePlayer(environment, mayContinue));
  useEffect(() => player.setScenes(scenes), [player, scenes]);
  useEffect(() => () => player.leave(), [player]);
  const narration = useSyncExternalStore(player.subscribe, player.getSnapshot);
  const actions = useMemo(() => actionsOf(player), [player]);
  return { narration, ...actions };
}

function actionsOf(player: ScenePlayer) {
  return {
    hear: (sceneId: number, from?: Place) => player.hear(sceneId, from),
    leave: () => player.leave(),
    refresh: (sceneId: number) => player.refresh(sceneId),
    setSpeed: (speed: number) => player.setSpeed(speed),
    setVolume: (volume: number) => player.setVolume(volume),
    setMuted: (muted: boolean) => player.setMuted(muted),
  };
}
