import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { inWords } from "@/api/client";
import type { Story } from "@/api/types";
import { Button } from "@/components/Button";
import { problem } from "@/components/toasts";
import styles from "./Library.module.css";
import { NewStoryDialog } from "./NewStoryDialog";
import { storiesQuery, useCreateStory } from "./queries";
import { StoryRow } from "./StoryRow";
import { SAMPLE_PROMPT, SAMPLE_STORY } from "./sampleStory";

/** Every story of this reader, and the way to a new one. */
export function Library() {
  const stories = useQuery(storiesQuery);
  const [beginning, setBeginning] = useState(false);
  const begin = () => setBeginning(true);
  return (
    <div className={styles.room}>
      {stories.isPending && <p className={styles.loading}>Opening the library…</p>}
      {stories.isError && (
        <Unreadable error={stories.error} onRetry={() => void stories.refetch()} />
      )}
      {stories.data?.length === 0 && <EmptyLibrary onBegin={begin} />}
      {stories.data && stories.data.length > 0 && (
        <StoryList stories={stories.data} onBegin={begin} />
      )}
      {beginning && <NewStoryDialog onClose={() => setBeginning(false)} />}
    </div>
  );
}

function StoryList({ stories, onBegin }: { stories: readonly Story[]; onBegin: () => void }) {
  return (
    <>
      <header className={styles.header}>
        <h1 className={styles.heading}>Your stories</h1>
        <Button look="main" onClick={onBegin}>
          New story
        </Button>
      </header>
      <ul className={styles.list}>
        {stories.map((story) => (
          <StoryRow key={story.id} story={story} />
        ))}
      </ul>
    </>
  );
}

function EmptyLibrary({ onBegin }: { onBegin: () => void }) {
  const navigate = useNavigate();
  const create = useCreateStory();
  const startSample = () =>
    create.mutate(SAMPLE_STORY, {
      onSuccess: (story) => navigate(`/stories/${story.id}`, { state: { prompt: SAMPLE_PROMPT } }),
      onError: (error) => problem(inWords(error)),
    });
  return (
    <div className={styles.empty}>
      <h1 className={styles.invitation}>
        Rhapsode writes a story with you, and reads it aloud while it is still being written.
      </h1>
      <div className={styles.choices}>
        <Button
          look="main"
          busy={create.isPending}
          disabled={create.isPending}
          onClick={startSample}
        >
          Start a sample story
        </Button>
        <Button look="quiet" onClick={onBegin}>
          Begin your own
        </Button>
      </div>
    </div>
  );
}

function Unreadable({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <div className={styles.empty} role="alert">
      <h1 className={styles.heading}>Your stories could not be loaded</h1>
      <p className={styles.reason}>{inWords(error)}</p>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  );
}
