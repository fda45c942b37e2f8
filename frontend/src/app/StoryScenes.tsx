import type { Scene } from "@/api/types";
import { NarratedText } from "@/features/narration/components/NarratedText";
import type { HeardNarration } from "@/features/narration/components/useSpokenMarks";
import type { NarrationState } from "@/features/narration/store/narrationStore";
import { SceneSection } from "@/features/stories/SceneSection";
import styles from "./StoryPage.module.css";
import type { Telling } from "./useTelling";

interface StoryScenesProps {
  scenes: readonly Scene[];
  work: Telling["work"];
  narration: HeardNarration | null;
  onSpokenLine: (line: DOMRect) => void;
  onRetry: (prompt: string) => void;
  onOutdated: (sceneId: number) => void;
}

/**
 * The scenes as one text, and behind them the one that is being written.
 *
 * A scene keeps its place in the document when it turns from written to saved, so nothing moves at that moment.
 */
export function StoryScenes(props: StoryScenesProps) {
  const { scenes, work, narration, onSpokenLine, onRetry, onOutdated } = props;
  const told = narration && scenes.find((scene) => scene.id === narration.state.sceneId);
  const isComing = work === "write" || (narration !== null && !told && hasBegun(narration.state));
  const coming = work === "write" ? null : narration;
  const places: { scene: Scene | null; position: number }[] = scenes.map((scene, i) => ({
    scene,
    position: i + 1,
  }));
  if (isComing) places.push({ scene: null, position: scenes.length + 1 });

  return places.map(({ scene, position }) => {
    const heard = scene === null ? coming : scene === told ? narration : null;
    return (
      <SceneSection
        key={heard?.session.sessionId ?? scene?.id ?? "coming"}
        position={position}
        // Its menu can wait until nothing more is added to it.
        scene={heard && work === "narrate" ? null : scene}
        newest={position === places.length}
        onRetry={onRetry}
        onOutdated={onOutdated}
      >
        {scene === null && heard === null ? (
          <p className={styles.writing}>Writing the scene…</p>
        ) : (
          <NarratedText
            text={heard?.state.text ?? scene?.content ?? ""}
            narration={heard}
            onSpokenLine={onSpokenLine}
          />
        )}
      </SceneSection>
    );
  });
}

/** False before a narration is begun, and for one that ended before its first word: it leaves nothing to show. */
function hasBegun({ phase, text }: NarrationState): boolean {
  if (phase === "idle") return false;
  return text !== "" || !["failed", "stopped", "complete"].includes(phase);
}
