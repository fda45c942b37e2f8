import { queryOptions, useMutation } from "@tanstack/react-query";
import { call } from "@/api/client";
import { type NarrationBody, timelineOf } from "./timeline";
import type { StoredScene } from "./timelineWatch";

const narrationPath = (sceneId: number) => `/api/scenes/${sceneId}/narration`;

/** Everything that is known of one scene's narration. */
export const narrationKey = (sceneId: number) => ["scenes", sceneId, "narration"] as const;

/** The sentences of a narrated scene, for reading from any of them. */
export const timelineQuery = ({ id, text }: StoredScene) =>
  queryOptions({
    queryKey: [...narrationKey(id), "timeline", text],
    queryFn: async () => timelineOf(await call<NarrationBody>("GET", narrationPath(id)), text),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Why a scene could not be narrated, in the server's words; null where it gives none. */
export const narrationProblemQuery = (sceneId: number) =>
  queryOptions({
    queryKey: [...narrationKey(sceneId), "problem"],
    queryFn: async () => {
      const { error } = await call<NarrationBody>("GET", narrationPath(sceneId));
      return error?.message ?? null;
    },
  });

/** Has a scene narrated in the background; what failed is tried again. */
export function useOrderNarration() {
  return useMutation({
    mutationFn: (sceneId: number) => call<NarrationBody>("POST", narrationPath(sceneId)),
  });
}

/** Ends the making of a narration, and forgets it. */
export function useCancelNarration() {
  return useMutation({
    mutationFn: (sceneId: number) => call<void>("DELETE", narrationPath(sceneId)),
  });
}
