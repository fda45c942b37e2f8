import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useRef, useState } from "react";
import type { Scene, Story } from "@/api/types";
import { PlayerDock } from "@/features/narration/components/PlayerDock";
import { useFollow } from "@/features/narration/components/useFollow";
import { useListeningPosition } from "@/features/narration/hooks/useListeningPosition";
import { useMediaSession } from "@/features/narration/hooks/useMediaSession";
import type { NarrationState } from "@/features/narration/store/narrationStore";
import { voiceSettingsQuery } from "@/features/settings/queries";
import { PromptBox } from "@/features/stories/PromptBox";
import type { PromptAction } from "@/features/stories/promptRules";
import { StoryHeading } from "@/features/stories/StoryHeading";
import { SceneFailure } from "./SceneFailure";
import styles from "./StoryPage.module.css";
import { StoryScenes } from "./StoryScenes";
import { scrollToScene } from "./sceneScrolling";
import { useArrival } from "./useArrival";
import { useAutoPlay } from "./useAutoPlay";
import { useHearing } from "./useHearing";
import { useStoryShortcuts } from "./useStoryShortcuts";
import { useTelling } from "./useTelling";

const StoryPronunciation = lazy(() => import("./StoryPronunciation"));

interface StoryPageProps {
  story: Story;
  scenes: readonly Scene[];
  firstPrompt: string;
}

/** A story: read, heard and continued. */
export function StoryPage({ story, scenes, firstPrompt }: StoryPageProps) {
  const telling = useTelling(story.id, firstPrompt);
  const hearing = useHearing(scenes, telling);
  const follow = useFollow();
  const voice = useQuery(voiceSettingsQuery);
  const box = useRef<HTMLFormElement>(null);
  const { work } = telling;
  const { narration, state } = hearing;
  const [saying, setSaying] = useState(false);
  const audio = voice.data?.tts_enabled ?? true;
  const focusPrompt = () => box.current?.querySelector("textarea")?.focus();

  const act = (action: PromptAction) => {
    if (action === "narrate") {
      hearing.leave();
      follow.restart();
    } else follow.release();
    telling.act(action);
  };

  useArrival(work !== null && !telling.isJoined ? scenes.length + 1 : null, scrollToScene);
  useStoryShortcuts({ telling, hearing, follow, audio, act, focusPrompt });
  useAutoPlay(story.id, scenes, hearing);
  useListeningPosition(narration, state);
  useMediaSession(narration, state, { title: sceneTitle(scenes, state), artist: story.title });

  return (
    <article className={styles.story}>
      <StoryHeading story={story} onPronunciation={() => setSaying(true)} />
      {saying && (
        <Suspense>
          <StoryPronunciation storyId={story.id} onClose={() => setSaying(false)} />
        </Suspense>
      )}
      <StoryScenes
        scenes={scenes}
        telling={telling}
        hearing={hearing}
        audio={audio}
        onSpokenLine={follow.keepInView}
        onRetry={(prompt) => {
          telling.setPrompt(prompt);
          focusPrompt();
        }}
      />
      {telling.failure?.sceneId === null && (
        <SceneFailure
          telling={telling}
          retry={{ label: "Try again", onChoose: telling.askAgain }}
        />
      )}
      <PromptBox
        boxRef={box}
        text={telling.prompt}
        work={work}
        mode={{ audio, realtime: voice.data?.realtime_tts_enabled ?? false }}
        onText={telling.setPrompt}
        onAction={act}
        onStop={telling.stop}
      />
      {narration && (
        <PlayerDock
          session={narration}
          state={state}
          controls={hearing.controls}
          sleepTimer={hearing.sleepTimer}
          follow={follow}
        />
      )}
    </article>
  );
}

/** What a lock screen calls the scene that is heard. */
function sceneTitle(scenes: readonly Scene[], { sceneId }: NarrationState): string {
  const index = scenes.findIndex(({ id }) => id === sceneId);
  return `Scene ${index < 0 ? scenes.length + 1 : index + 1}`;
}
