import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "@/api/client";
import type {
  FoundSession,
  Pronunciation,
  Scene,
  SceneChange,
  Story,
  StoryChange,
} from "@/api/types";

interface Dictionary {
  entries: Pronunciation[];
}

const dictionaryOf = (storyId: number) => `/api/stories/${storyId}/pronunciations`;

/** Every story of this reader, the one changed last first. */
export const storiesQuery = queryOptions({
  queryKey: ["stories"],
  queryFn: () => call<Story[]>("GET", "/api/stories"),
});

/** One story. */
export const storyQuery = (storyId: number) =>
  queryOptions({
    queryKey: ["stories", storyId],
    queryFn: () => call<Story>("GET", `/api/stories/${storyId}`),
  });

/** A story's scenes, in order. */
export const scenesQuery = (storyId: number) =>
  queryOptions({
    queryKey: ["stories", storyId, "scenes"],
    queryFn: () => call<Scene[]>("GET", `/api/stories/${storyId}/scenes`),
  });

/** How the words of a story are said. */
export const pronunciationsQuery = (storyId: number) =>
  queryOptions({
    queryKey: ["stories", storyId, "pronunciations"],
    queryFn: async () => (await call<Dictionary>("GET", dictionaryOf(storyId))).entries,
  });

/** The story's session that still runs or can still be replayed; null when there is none. */
export function findLiveSession(storyId: number): Promise<FoundSession | null> {
  return call<FoundSession | null>("GET", `/api/stories/${storyId}/session`);
}

/** Begin a story. */
export function useCreateStory() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (story: StoryChange) => call<Story>("POST", "/api/stories", story),
    onSuccess: (story) => {
      cache.setQueryData(storyQuery(story.id).queryKey, story);
      cache.setQueryData(scenesQuery(story.id).queryKey, []);
      return cache.invalidateQueries({ queryKey: storiesQuery.queryKey, exact: true });
    },
  });
}

/** Change a story's title or premise. */
export function useChangeStory(storyId: number) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (change: StoryChange) => call<Story>("PATCH", `/api/stories/${storyId}`, change),
    onSuccess: (story) => {
      cache.setQueryData(storyQuery(storyId).queryKey, story);
      return cache.invalidateQueries({ queryKey: storiesQuery.queryKey, exact: true });
    },
  });
}

/** Change how the words of a story are said. */
export function useSavePronunciations(storyId: number) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (entries: Pronunciation[]) =>
      call<Dictionary>("PUT", dictionaryOf(storyId), { entries }),
    onSuccess: ({ entries }) => {
      cache.setQueryData(pronunciationsQuery(storyId).queryKey, entries);
      // Sentences with one of the words are narrated again.
      return cache.invalidateQueries({ queryKey: scenesQuery(storyId).queryKey });
    },
  });
}

/** Delete a story and everything in it. */
export function useDeleteStory() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (storyId: number) => call<void>("DELETE", `/api/stories/${storyId}`),
    onSuccess: () => cache.invalidateQueries({ queryKey: storiesQuery.queryKey, exact: true }),
  });
}

/** Write a scene without audio. */
export function useWriteScene(storyId: number) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (prompt: string) =>
      call<Scene>("POST", `/api/stories/${storyId}/scenes`, { custom_prompt: prompt }),
    onSettled: () => cache.invalidateQueries({ queryKey: storiesQuery.queryKey }),
  });
}

/** Change the text of a scene. */
export function useChangeScene() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...change }: SceneChange & { id: number }) =>
      call<Scene>("PATCH", `/api/scenes/${id}`, change),
    onSuccess: (scene) => {
      cache.setQueryData(scenesQuery(scene.story_id).queryKey, (scenes) =>
        scenes?.map((other) => (other.id === scene.id ? scene : other)),
      );
      return cache.invalidateQueries({ queryKey: storiesQuery.queryKey, exact: true });
    },
  });
}

/** Delete a scene. */
export function useDeleteScene() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (scene: Scene) => call<void>("DELETE", `/api/scenes/${scene.id}`),
    onSuccess: () => cache.invalidateQueries({ queryKey: storiesQuery.queryKey }),
  });
}
