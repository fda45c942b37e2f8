import { useEffect, useRef, useState } from "react";
import type { Scene } from "@/api/types";
import { useTurnToPlay } from "@/features/events/useTurnToPlay";
import { useUserEvents } from "@/features/events/useUserEvents";
import { BEGINNING } from "@/features/narration/stored/places";
import type { Hearing } from "./useHearing";

/**
 * Plays a scene by itself when its narration is ready and the reader wishes that.
 *
 * Of several pages that show the story one plays, and none talks into something that is being heard.
 */
export function useAutoPlay(storyId: number, scenes: readonly Scene[], hearing: Hearing): void {
  const turn = useTurnToPlay();
  const [wanted, setWanted] = useState<number | null>(null);
  const latest = useRef(hearing);
  useEffect(() => {
    latest.current = hearing;
  });

  useUserEvents((event) => {
    if (event.type === "connected" || event.story_id !== storyId) return;
    hearing.refresh(event.scene_id);
    if (event.type !== "tts_ready" || !event.auto_play) return;
    void turn.isOurs(event.id, event.at).then((isOurs) => {
      if (isOurs) setWanted(event.scene_id);
    });
  });

  // The event may be here before the scene is: the list of scenes is being loaded then.
  const isHere = scenes.some(({ id }) => id === wanted);
  useEffect(() => {
    if (wanted === null || !isHere) return;
    setWanted(null);
    const { hear, state } = latest.current;
    if (state.playback !== "playing" && state.playback !== "buffering") hear(wanted, BEGINNING);
  }, [wanted, isHere]);
}
