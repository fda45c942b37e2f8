import { useQuery, useQueryClient } from "@tanstack/react-query";
import { inWords } from "@/api/client";
import type { NarrationSummary, Scene } from "@/api/types";
import { Button } from "@/components/Button";
import { problem } from "@/components/toasts";
import type { NarrationState } from "@/features/narration/store/narrationStore";
import {
  narrationProblemQuery,
  useCancelNarration,
  useOrderNarration,
} from "@/features/narration/stored/queries";
import { scenesQuery } from "@/features/stories/queries";
import styles from "./SceneNarration.module.css";

interface SceneNarrationProps {
  scene: Scene;
  /** The stored narration of this scene as it is heard; null while it is not. */
  heard: NarrationState | null;
  onHear: () => void;
}

/** What is being done so that a scene can be heard, or why it cannot. Nothing where there is nothing to say. */
export function SceneNarration({ scene, heard, onHear }: SceneNarrationProps) {
  const { narration } = scene;
  if (heard?.error && heard.error.code !== "audio_unavailable") {
    const isOver = heard.phase === "failed";
    return <Problem words={heard.error.message} onRetry={isOver ? onHear : null} />;
  }
  if (narration?.status === "queued" || narration?.status === "running") {
    return <Making scene={scene} narration={narration} />;
  }
  return narration?.status === "failed" && !heard ? <Failed scene={scene} /> : null;
}

function Making({ scene, narration }: { scene: Scene; narration: NarrationSummary }) {
  const cancel = useCancelNarration();
  const reload = useReload(scene);
  const { chunks_ready, chunk_count, status } = narration;
  const isWaiting = status === "queued" && chunks_ready === 0;
  return (
    <div className={styles.note}>
      <p>{isWaiting ? "Waiting to be narrated" : `Narrating ${chunks_ready} of ${chunk_count}`}</p>
      <Button
        look="quiet"
        disabled={cancel.isPending}
        onClick={() =>
          cancel.mutate(scene.id, {
            onSuccess: reload,
            onError: (error) => problem(inWords(error)),
          })
        }
      >
        Cancel
      </Button>
    </div>
  );
}

function Failed({ scene }: { scene: Scene }) {
  const reason = useQuery(narrationProblemQuery(scene.id));
  const order = useOrderNarration();
  const reload = useReload(scene);
  const retry = () =>
    order.mutate(scene.id, { onSuccess: reload, onError: (error) => problem(inWords(error)) });
  const words = ["This scene could not be narrated.", reason.data].filter(Boolean).join(" ");
  return <Problem words={words} onRetry={order.isPending ? null : retry} />;
}

function Problem({ words, onRetry }: { words: string; onRetry: (() => void) | null }) {
  return (
    <div className={styles.note} role="alert">
      <p>{words}</p>
      {onRetry && (
        <Button look="quiet" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Loads again how far the story's narrations are. */
function useReload(scene: Scene): () => Promise<void> {
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: scenesQuery(scene.story_id).queryKey });
}
