import { Copy, Ellipsis, Headphones, Pause, PenLine, RotateCcw, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { inWords } from "@/api/client";
import type { Scene } from "@/api/types";
import { Button, IconButton } from "@/components/Button";
import { Confirm } from "@/components/Confirm";
import { Menu, MenuItem } from "@/components/Menu";
import { note, problem } from "@/components/toasts";
import { useDeleteScene } from "./queries";
import { SceneEditor } from "./SceneEditor";
import styles from "./SceneSection.module.css";

export interface SceneVoice {
  /** The scene is heard, or will be in a moment. */
  readonly sounds: boolean;
  /** Reads the scene aloud, or pauses. Called inside a click or key event. */
  readonly toggle: () => void;
}

interface SceneSectionProps {
  /** 1-based place in the story. */
  position: number;
  /** Null while the scene is being written. */
  scene: Scene | null;
  /** Only the newest scene can be written again: the others have scenes built upon them. */
  newest: boolean;
  /** Null where nobody can read the scene aloud. */
  voice: SceneVoice | null;
  /** Called after the scene is deleted in order to be written again. */
  onRetry: (prompt: string) => void;
  /** Called when the text that was narrated is no longer the scene: changed, or deleted. */
  onOutdated: (sceneId: number) => void;
  /** Says why its writer has just broken off, and how to write it again; null where there is nothing new to say. */
  failure: ((onWriteAgain: (() => void) | null) => ReactNode) | null;
  /** What is being done about its narration. */
  footnote: ReactNode;
  /** The scene's text. */
  children: ReactNode;
}

type Task = "read" | "edit" | "delete" | "retry";

/** A scene: a small mark, its text, and what became of it. */
export function SceneSection(props: SceneSectionProps) {
  const { position, scene, newest, voice, onRetry, onOutdated, failure, footnote } = props;
  const [task, setTask] = useState<Task>("read");
  const remove = useDeleteScene();
  const read = () => setTask("read");
  const writeAgain = scene && newest ? () => setTask("retry") : null;

  const removeThen = (then: (removed: Scene) => void) => {
    if (!scene) return;
    remove.mutate(scene, {
      onSuccess: () => {
        onOutdated(scene.id);
        then(scene);
      },
      onError: (error) => problem(inWords(error)),
    });
  };

  return (
    <section id={`scene-${position}`} className={styles.scene} aria-label={`Scene ${position}`}>
      <div className={styles.mark}>
        <span className={styles.number} aria-hidden>
          {position}
        </span>
        {scene && (
          <div className={styles.tools}>
            {voice && <HearButton voice={voice} position={position} />}
            <SceneMenu scene={scene} newest={newest} position={position} onTask={setTask} />
          </div>
        )}
      </div>
      {task === "edit" && scene ? (
        <SceneEditor scene={scene} onSaved={() => onOutdated(scene.id)} onClose={read} />
      ) : (
        props.children
      )}
      {task !== "edit" && footnote}
      {task !== "edit" &&
        (failure?.(writeAgain) ?? <BrokenOff scene={scene} onWriteAgain={writeAgain} />)}
      {task === "delete" && (
        <Confirm
          title={`Delete scene ${position}?`}
          text="This cannot be undone."
          action="Delete scene"
          onConfirm={() => removeThen(() => note("The scene is deleted."))}
          onClose={read}
        />
      )}
      {task === "retry" && (
        <Confirm
          title="Write this scene again?"
          text="Its text is removed, and its prompt waits for you below."
          action="Write again"
          onConfirm={() => removeThen((removed) => onRetry(removed.prompt))}
          onClose={read}
        />
      )}
    </section>
  );
}

function HearButton({ voice, position }: { voice: SceneVoice; position: number }) {
  const [word, Icon] = voice.sounds ? ["Pause", Pause] : ["Hear", Headphones];
  return (
    <Button
      look="quiet"
      className={styles.hear}
      aria-label={`${word} scene ${position}`}
      onClick={voice.toggle}
    >
      <Icon size={18} fill={voice.sounds ? "currentColor" : "none"} aria-hidden />
      {word}
    </Button>
  );
}

interface SceneMenuProps {
  scene: Scene;
  position: number;
  newest: boolean;
  onTask: (task: Task) => void;
}

function SceneMenu({ scene, position, newest, onTask }: SceneMenuProps) {
  const copy = () =>
    navigator.clipboard.writeText(scene.content).then(
      () => note("Copied."),
      () => problem("The browser did not let the text be copied."),
    );
  return (
    <Menu
      trigger={
        <IconButton label={`More about scene ${position}`}>
          <Ellipsis size={20} aria-hidden />
        </IconButton>
      }
    >
      <MenuItem icon={PenLine} onSelect={() => onTask("edit")}>
        Edit
      </MenuItem>
      <MenuItem icon={Copy} onSelect={() => void copy()}>
        Copy text
      </MenuItem>
      {newest && (
        <MenuItem icon={RotateCcw} onSelect={() => onTask("retry")}>
          Write again
        </MenuItem>
      )}
      <MenuItem icon={Trash2} onSelect={() => onTask("delete")}>
        Delete
      </MenuItem>
    </Menu>
  );
}

interface BrokenOffProps {
  scene: Scene | null;
  onWriteAgain: (() => void) | null;
}

/** Says of a scene that it is not whole. */
function BrokenOff({ scene, onWriteAgain }: BrokenOffProps) {
  if (!scene || scene.status === "complete") return null;
  const words =
    scene.status === "stopped"
      ? "This scene was stopped here."
      : "The writer broke off here. What it wrote is kept.";
  return (
    <div className={styles.status}>
      <p>{words}</p>
      {onWriteAgain && (
        <Button look="quiet" onClick={onWriteAgain}>
          Write again
        </Button>
      )}
    </div>
  );
}
