import { togglePlayback } from "@/features/narration/components/controls";
import { nextSpeed } from "@/features/narration/components/speeds";
import type { Follow } from "@/features/narration/components/useFollow";
import type { Narration } from "@/features/narration/transport/narration";
import type { PromptAction } from "@/features/stories/promptRules";
import { type Commands, useShortcuts } from "./keyboard/useShortcuts";
import { scrollToNeighbor } from "./sceneScrolling";
import type { Hearing } from "./useHearing";
import type { Telling } from "./useTelling";

interface Reach {
  telling: Telling;
  /** While it has nothing to hear the player's keys are the browser's. */
  hearing: Hearing;
  follow: Follow;
  /** Speech is on in the settings. */
  audio: boolean;
  act: (action: PromptAction) => void;
  focusPrompt: () => void;
}

/** The keyboard on the story page. */
export function useStoryShortcuts(reach: Reach): void {
  const { telling, hearing, audio, act, focusPrompt } = reach;
  useShortcuts({
    prompt: focusPrompt,
    "next-scene": () => scrollToNeighbor(1),
    "previous-scene": () => scrollToNeighbor(-1),
    ...(telling.work === null && audio && { generate: () => act("narrate") }),
    ...(telling.work === "narrate" && { stop: telling.stop }),
    ...(hearing.narration && playerCommands(hearing.narration, reach)),
  });
}

function playerCommands(narration: Narration, { hearing, follow }: Reach): Commands {
  const { state, controls } = hearing;
  return {
    "toggle-playback": () => togglePlayback(narration, state),
    "next-sentence": () => narration.skipNext(),
    "previous-sentence": () => narration.skipPrevious(),
    slower: () => controls.setSpeed(nextSpeed(state.speed, -1)),
    faster: () => controls.setSpeed(nextSpeed(state.speed, 1)),
    mute: () => controls.setMuted(!state.muted),
    follow: follow.resume,
  };
}
