import { useEffect, useRef, useState } from "react";
import { inWords } from "@/api/client";
import type { Scene } from "@/api/types";
import { AutoTextarea } from "@/components/AutoTextarea";
import { Button } from "@/components/Button";
import { note } from "@/components/toasts";
import { useChangeScene } from "./queries";
import styles from "./SceneEditor.module.css";

interface SceneEditorProps {
  scene: Scene;
  onSaved: () => void;
  onClose: () => void;
}

/** A scene's text, in the type it is read in, open for changes. */
export function SceneEditor({ scene, onSaved, onClose }: SceneEditorProps) {
  const [text, setText] = useState(scene.content);
  const change = useChangeScene();
  const area = useRef<HTMLDivElement>(null);

  useEffect(() => {
    area.current?.querySelector("textarea")?.focus({ preventScroll: true });
  }, []);

  const save = () => {
    if (text === scene.content) return onClose();
    change.mutate(
      { id: scene.id, content: text },
      {
        onSuccess: () => {
          note("Saved.");
          onSaved();
          onClose();
        },
      },
    );
  };
  return (
    <div className={styles.editor} ref={area}>
      <AutoTextarea
        className={styles.text}
        aria-label={`Text of scene ${scene.position}`}
        value={text}
        dir="auto"
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
          if (event.key === "Escape" && text === scene.content) onClose();
        }}
      />
      {change.isError && (
        <p className={styles.error} role="alert">
          Not saved. {inWords(change.error)}
        </p>
      )}
      <div className={styles.actions}>
        <Button look="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button
          look="main"
          busy={change.isPending}
          disabled={change.isPending || !text.trim()}
          onClick={save}
        >
          Save
        </Button>
      </div>
    </div>
  );
}
