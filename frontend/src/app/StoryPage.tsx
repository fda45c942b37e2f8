import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import type { Scene, Story } from "@/api/types";
import { NarrationProblem } from "@/features/narration/components/NarrationProblem";
import { PlayerDock } from "@/features/narration/components/PlayerDock";
import { useFollow } from "@/features/narration/components/useFollow";
import { voiceSettingsQuery } from "@/features/settings/queries";
import { PromptBox } from "@/features/stories/PromptBox";
import type { PromptAction } from "@/features/stories/promptRules";
import { StoryHeading } from "@/features/stories/StoryHeading";
import styles from "./StoryPage.module.css";
import { StoryScenes } from "./StoryScenes";
import { scrollToScene } from "./sceneScrolling";
import { useArrival } from "./useArrival";
import { useStoryShortcuts } from "./useStoryShortcuts";
import { type Telling, useTelling } from "./useTelling";

interface StoryPageProps {
  story: Story;
  scenes: readonly Scene[];
  firstPrompt: string;
}

/** A story: read, heard and continued. */
export function StoryPage({ story, scenes, firstPrompt }: StoryPageProps) {
  const telling = useTelling(story.id, firstPrompt);
  const { session, outdate } = useCurrentSession(telling);
  const follow = useFollow();
  const voice = useQuery(voiceSettingsQuery);
  const box = useRef<HTMLFormElement>(null);
  const { state, work } = telling;
  const audio = voice.data?.tts_enabled ?? true;
  const focusPrompt = () => box.current?.querySelector("textarea")?.focus();

  const act = (action: PromptAction) => {
    if (action === "narrate") follow.restart();
    else follow.release();
    telling.act(action);
  };

  useArrival(work !== null && !telling.isJoined ? scenes.length + 1 : null, scrollToScene);
  useStoryShortcuts({ telling, session, follow, audio, act, focusPrompt });

  return (
    <article className={styles.story}>
      <StoryHeading story={story} />
      <StoryScenes
        scenes={scenes}
        work={work}
        narration={session && { session, state }}
        onSpokenLine={follow.keepInView}
        onOutdated={outdate}
        onRetry={(prompt) => {
          telling.setPrompt(prompt);
          focusPrompt();
        }}
      />
      <Failure telling={telling} />
      <PromptBox
        boxRef={box}
        text={telling.prompt}
        work={work}
        mode={{ audio, realtime: voice.data?.realtime_tts_enabled ?? false }}
        onText={telling.setPrompt}
        onAction={act}
        onStop={telling.stop}
      />
      {session && (
        <PlayerDock session={session} state={state} controls={telling.controls} follow={follow} />
      )}
    </article>
  );
}

/** The session whose text is still the story's; a narration of text that was edited away is put aside. */
function useCurrentSession({ session, state }: Telling) {
  const [outdated, setOutdated] = useState<string | null>(null);
  const outdate = (sceneId: number) => {
    if (!session || sceneId !== state.sceneId) return;
    session.pause();
    setOutdated(session.sessionId);
  };
  return { session: session?.sessionId === outdated ? null : session, outdate };
}

function Failure({ telling }: { telling: Telling }) {
  const navigate = useNavigate();
  const background = useLocation();
  const { failure } = telling;
  if (!failure) return null;
  const chooseWriter = () => navigate("/settings/writer", { state: { background } });
  return (
    <NarrationProblem
      error={failure}
      onRetry={telling.askAgain}
      onChooseWriter={failure.code.startsWith("llm_") ? chooseWriter : null}
      onDismiss={telling.dismiss}
    />
  );
}
