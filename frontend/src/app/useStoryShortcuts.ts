import { togglePlayback } from "@/features/narration/components/controls";
import { nextSpeed } from "@/features/narration/components/speeds";
import type { Follow } from "@/features/narration/components/useFollow";
import type { NarrationSession } from "@/features/narration/transport/session";
import type { PromptAction } from "@/features/stories/promptRules";
import { type Commands, useShortcuts } from "./keyboard/useShortcuts";
import { scrollToNeighbor } from "./sceneScrolling";
import type { Telling } from "./useTelling";

interface Reach {
  telling: Telling;
  /** Null while nothing is heard: the player's keys are then the browser's. */
  session: NarrationSession | null;
  follow: Follow;
  /** Speech is on in the settings. */
  audio: boolean;
  act: (action: PromptAction) => void;
  focusPrompt: () => void;
}

/** The keyboard on the story page. */
export function useStoryShortcuts(reach: Reach): void {
  const { telling, session, audio, act, focusPrompt } = reach;
  useShortcuts({
    prompt: focusPrompt,
    "next-scene": () => scrollToNeighbor(1),
    "previous-scene": () => scrollToNeighbor(-1),
    ...(telling.work === null && audio && { generate: () => act("narrate") }),
    ...(telling.work === "narrate" && { stop: telling.stop }),
    ...(session && playerCommands(session, reach)),
  });
}

function playerCommands(session: NarrationSession, { telling, follow }: Reach): Commands {
  const { state, controls } = telling;
  return {
    "toggle-playback": () => togglePlayback(session, state),
    "next-sentence": () => session.skipNext(),
    "previous-sentence": () => session.skipPrevious(),
    slower: () => controls.setSpeed(nextSpeed(state.speed, -1)),
    faster: () => controls.setSpeed(nextSpeed(state.speed, 1)),
    mute: () => controls.setMuted(!state.muted),
    follow: follow.resume,
  };
}
