import { LoaderCircle, Play, Square } from "lucide-react";
import type { ComponentProps } from "react";
import { IconButton } from "@/components/Button";
import styles from "./ListenButton.module.css";

export type PreviewState = "silent" | "loading" | "playing";

interface ListenButtonProps extends ComponentProps<"button"> {
  /** The voice's name. */
  voice: string;
  state: PreviewState;
}

/** Plays a sample of a voice, or stops it. */
export function ListenButton({ voice, state, ...rest }: ListenButtonProps) {
  return (
    <IconButton
      {...rest}
      label={state === "silent" ? `Listen to ${voice}` : `Stop ${voice}`}
      aria-busy={state === "loading" || undefined}
    >
      {state === "silent" && <Play size={16} aria-hidden />}
      {state === "loading" && <LoaderCircle size={16} className={styles.spinner} aria-hidden />}
      {state === "playing" && <Square size={14} fill="currentColor" aria-hidden />}
    </IconButton>
  );
}
