import { useQuery } from "@tanstack/react-query";
import { useLocation, useParams } from "react-router";
import { ApiError, inWords } from "@/api/client";
import { Button } from "@/components/Button";
import { scenesQuery, storyQuery } from "@/features/stories/queries";
import { Notice } from "./Notice";
import { StoryPage } from "./StoryPage";
import { useTitle } from "./useTitle";

/** Loads the story that the address names. */
export function StoryRoute() {
  const storyId = Number(useParams().storyId);
  const asked = (useLocation().state as { prompt?: string } | null)?.prompt ?? "";
  const known = Number.isInteger(storyId) && storyId > 0;
  const story = useQuery({ ...storyQuery(storyId), enabled: known });
  const scenes = useQuery({ ...scenesQuery(storyId), enabled: known });
  useTitle(story.data?.title ?? null);

  const error = story.error ?? scenes.error;
  if (!known || (error instanceof ApiError && error.status === 404)) {
    return <Notice title="There is no such story" text="It may have been deleted." home />;
  }
  if (story.data && scenes.data) {
    return <StoryPage key={storyId} story={story.data} scenes={scenes.data} firstPrompt={asked} />;
  }
  if (!error) return null;
  return (
    <Notice title="The story could not be opened" text={inWords(error)} home>
      <Button look="main" onClick={() => void Promise.all([story.refetch(), scenes.refetch()])}>
        Try again
      </Button>
    </Notice>
  );
}
