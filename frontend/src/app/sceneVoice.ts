import { playAction, togglePlayback } from "@/features/narration/components/controls";
import type { HeardNarration } from "@/features/narration/components/useSpokenMarks";
import type { SceneVoice } from "@/features/stories/SceneSection";

/**
 * What the button at a scene's head does with its sound.
 *
 * @param heard the scene as it is heard; null while it is not.
 * @param hear reads the scene aloud from where the reader stopped.
 */
export function sceneVoice(heard: HeardNarration | null, hear: () => void): SceneVoice {
  if (heard && isUnderWay(heard)) {
    const { session, state } = heard;
    return {
      sounds: playAction(state) === "pause",
      toggle: () => togglePlayback(session, state),
    };
  }
  return { sounds: false, toggle: hear };
}

/** Where there is nothing to go on with, the scene is asked for anew. */
function isUnderWay({ state: { playback } }: HeardNarration): boolean {
  return playback !== "idle" && playback !== "ended";
}
