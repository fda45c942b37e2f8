import { useQuery, useQueryClient } from "@tanstack/react-query";
import { authModeQuery } from "@/features/account/queries";
import type { TtsProgress } from "@/features/events/userEvents";
import { useEventConnection, useUserEvents } from "@/features/events/useUserEvents";
import { narrationKey } from "@/features/narration/stored/queries";
import { scenesQuery, storiesQuery } from "@/features/stories/queries";

/** Keeps what the page shows of narrations as it is on the server. Once per page. */
export function useNarrationNews(): void {
  const cache = useQueryClient();
  const access = useQuery(authModeQuery);
  // Signed out in another tab, or for too long away: asking who is here leads to the door.
  useEventConnection(access.data?.user?.id ?? null, () => {
    void cache.invalidateQueries({ queryKey: authModeQuery.queryKey });
  });
  useUserEvents((event) => {
    if (event.type === "connected") {
      // Progress is told once; whatever was told before this connection is asked for.
      void cache.invalidateQueries({ queryKey: storiesQuery.queryKey });
      return;
    }
    const { queryKey } = scenesQuery(event.story_id);
    if (event.type === "tts_progress") {
      cache.setQueryData(queryKey, (scenes) =>
        scenes?.map((scene) =>
          scene.id === event.scene_id ? { ...scene, narration: inTheMaking(event) } : scene,
        ),
      );
      return;
    }
    void cache.invalidateQueries({ queryKey: narrationKey(event.scene_id) });
    void cache.invalidateQueries({ queryKey, exact: true });
  });
}

function inTheMaking({ chunks_ready, total_chunks }: TtsProgress) {
  return { status: "running", chunks_ready, chunk_count: total_chunks, duration_ms: 0 } as const;
}
