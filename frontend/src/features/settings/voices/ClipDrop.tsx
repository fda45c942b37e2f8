import { AudioLines } from "lucide-react";
import { type DragEvent, useId, useState } from "react";
import type { Engine } from "@/api/types";
import styles from "./ClipDrop.module.css";

interface ClipDropProps {
  cloning: NonNullable<Engine["cloning"]>;
  file: File | null;
  disabled: boolean;
  error: string | null;
  onFile: (file: File) => void;
}

/** A place to drop a recording, or to choose one; it says before what it takes. */
export function ClipDrop({ cloning, file, disabled, error, onFile }: ClipDropProps) {
  const id = useId();
  const [isOver, setIsOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    const [dropped] = event.dataTransfer.files;
    if (dropped && !disabled) onFile(dropped);
  };
  return (
    <div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is the pointer's way; the input inside is everybody's. */}
      <div
        className={styles.place}
        data-over={isOver || undefined}
        data-invalid={error !== null || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
      >
        <AudioLines size={20} aria-hidden />
        <label htmlFor={id} className={styles.label}>
          {file ? file.name : "Choose a recording, or drop one here"}
        </label>
        <p id={`${id}-hint`} className={styles.hint}>
          {cloning.min_clip_s} to {cloning.max_clip_s} seconds of clear speech; 5 to 10 are best.{" "}
          {listed(cloning.formats)}, up to {Math.floor(cloning.max_clip_bytes / 1024 ** 2)} MB.
        </p>
        <input
          id={id}
          type="file"
          className={styles.input}
          accept={cloning.formats.map((format) => `.${format}`).join(",")}
          disabled={disabled}
          aria-describedby={error ? `${id}-hint ${id}-error` : `${id}-hint`}
          aria-invalid={error ? true : undefined}
          onChange={(event) => {
            const [chosen] = event.currentTarget.files ?? [];
            if (chosen) onFile(chosen);
          }}
        />
      </div>
      {error && (
        <p id={`${id}-error`} className={styles.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

const LIST = new Intl.ListFormat("en", { type: "disjunction" });

function listed(formats: readonly string[]): string {
  return LIST.format(formats.map((format) => format.toUpperCase()));
}
