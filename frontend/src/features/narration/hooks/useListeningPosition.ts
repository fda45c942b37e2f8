import { useEffect } from "react";
import { onLeaving } from "@/api/leaving";
import type { NarrationState } from "../store/narrationStore";
import { type ListeningPosition, savePosition } from "../stored/requests";
import type { Narration } from "../transport/narration";
import type { Fetch } from "../transport/requests";

const SAVE_EVERY_MS = 5000;

const browserFetch: Fetch = (url, init) => fetch(url, init);

/**
 * Keeps the server told how far this reader has heard the scene: every five seconds, at every pause, and when the
 * page is left. A scene that is not saved yet has no place to remember.
 */
export function useListeningPosition(
  narration: Narration | null,
  { playback, sceneId }: Pick<NarrationState, "playback" | "sceneId">,
  fetch: Fetch = browserFetch,
): void {
  const isHeard = playback === "playing" || playback === "buffering";
  useEffect(() => {
    if (!narration || sceneId === null || !isHeard) return;
    const begun = positionOf(narration);
    let saved = begun;
    const save = () => {
      const position = positionOf(narration);
      if (!position || position.sample === saved?.sample) return;
      saved = position;
      savePosition(fetch, sceneId, position);
    };
    const timer = setInterval(save, SAVE_EVERY_MS);
    const forget = onLeaving(save);
    return () => {
      clearInterval(timer);
      forget();
      save();
    };
  }, [narration, sceneId, isHeard, fetch]);
}

function positionOf(narration: Narration): ListeningPosition | null {
  const cursor = narration.cursor();
  if (!cursor) return null;
  const { sentence, position } = cursor;
  return { sample: Math.max(0, Math.round(position)), sentence: Math.max(0, sentence) };
}
