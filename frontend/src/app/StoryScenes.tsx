import type { Scene } from "@/api/types";
import type { HeardNarration } from "@/features/narration/components/useSpokenMarks";
import type { NarrationState } from "@/features/narration/store/narrationStore";
import { SceneSection } from "@/features/stories/SceneSection";
import { SceneFailure } from "./SceneFailure";
import { SceneNarration } from "./SceneNarration";
import { SceneText } from "./SceneText";
import styles from "./StoryPage.module.css";
import { sceneVoice } from "./sceneVoice";
import type { Hearing } from "./useHearing";
import type { Telling } from "./useTelling";

interface StoryScenesProps {
  scenes: readonly Scene[];
  telling: Telling;
  hearing: Hearing;
  /** There is a voice for scenes that are not narrated yet. */
  audio: boolean;
  onSpokenLine: (line: DOMRect) => void;
  onRetry: (prompt: string) => void;
}

interface ScenePlace {
  readonly scene: Scene | null;
  readonly position: number;
}

/**
 * The scenes as one text, and behind them the one that is being written.
 *
 * A scene keeps its place in the document when it turns from written to saved, so nothing moves at that moment.
 */
export function StoryScenes(props: StoryScenesProps) {
  const { scenes, telling, hearing, audio, onSpokenLine, onRetry } = props;
  const { work } = telling;
  const places = placesOf(scenes, telling, hearing);
  return places.map(({ scene, position }) => {
    const stored = scene !== null && scene.id === hearing.stored?.sceneId;
    const live = stored || work === "write" ? null : liveIn(scene, telling, hearing);
    const heard =
      stored && hearing.stored ? { session: hearing.stored, state: hearing.state } : live;
    const hear = () => scene && hearing.hear(scene.id);
    const isHearable = scene !== null && (audio || scene.narration?.status === "complete");
    return (
      <SceneSection
        key={(live && hearing.live?.sessionId) ?? scene?.id ?? "coming"}
        position={position}
        // Its menu can wait until nothing more is added to it.
        scene={live && work === "narrate" ? null : scene}
        newest={position === places.length}
        voice={isHearable ? sceneVoice(heard, hear) : null}
        onRetry={onRetry}
        onOutdated={hearing.outdate}
        failure={
          hasFailed(scene, telling)
            ? (onWriteAgain) => <SceneFailure telling={telling} retry={writeAgain(onWriteAgain)} />
            : null
        }
        footnote={
          scene && !live ? (
            <SceneNarration scene={scene} heard={stored ? hearing.state : null} onHear={hear} />
          ) : null
        }
      >
        {scene === null && heard === null ? (
          <p className={styles.writing}>Writing the scene…</p>
        ) : (
          <SceneText
            scene={scene}
            heard={heard}
            onSpokenLine={onSpokenLine}
            onHearFrom={(index) => scene && hearing.hear(scene.id, { type: "sentence", index })}
          />
        )}
      </SceneSection>
    );
  });
}

/** The scenes, and a place for the one that is coming. */
function placesOf(scenes: readonly Scene[], { work, state }: Telling, { live }: Hearing) {
  const isSaved = scenes.some((scene) => scene.id === state.sceneId);
  const isComing = work === "write" || (live !== null && !isSaved && hasBegun(state));
  const places: ScenePlace[] = scenes.map((scene, i) => ({ scene, position: i + 1 }));
  return isComing ? [...places, { scene: null, position: scenes.length + 1 }] : places;
}

/** Whether this is the scene whose writing has just failed. It is not loaded yet when the reader is first told. */
function hasFailed(scene: Scene | null, { failure }: Telling): boolean {
  if (failure === null || failure.sceneId === null) return false;
  return scene === null || scene.id === failure.sceneId;
}

function writeAgain(onChoose: (() => void) | null) {
  return onChoose && { label: "Write again", onChoose };
}

/** The session in which this scene is written, or was; null for every other scene. */
function liveIn(scene: Scene | null, { state }: Telling, { live }: Hearing): HeardNarration | null {
  const isHere = scene === null || scene.id === state.sceneId;
  return live && isHere ? { session: live, state } : null;
}

/** False before a narration is begun, and for one that ended before its first word: it leaves nothing to show. */
function hasBegun({ phase, text }: NarrationState): boolean {
  if (phase === "idle") return false;
  return text !== "" || !["failed", "stopped", "complete"].includes(phase);
}
