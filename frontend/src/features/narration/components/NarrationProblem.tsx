import { X } from "lucide-react";
import { Button, IconButton } from "@/components/Button";
import type { NarrationError } from "../store/narrationStore";
import styles from "./NarrationProblem.module.css";

export interface WayOut {
  label: string;
  onChoose: () => void;
}

interface NarrationProblemProps {
  error: NarrationError;
  /** How to have it done after all; null where that cannot be asked for. */
  retry: WayOut | null;
  /** What else would help, where anything would. */
  wayOut: WayOut | null;
  onDismiss: () => void;
}

/** What went wrong with a scene, and what can be done about it. */
export function NarrationProblem(props: NarrationProblemProps) {
  const { error, retry, wayOut, onDismiss } = props;
  return (
    <div className={styles.problem} role="alert">
      <p className={styles.words}>{error.message}</p>
      <IconButton label="Dismiss" onClick={onDismiss}>
        <X size={20} aria-hidden />
      </IconButton>
      <div className={styles.actions}>
        {retry && <Button onClick={retry.onChoose}>{retry.label}</Button>}
        {wayOut && (
          <Button look="quiet" onClick={wayOut.onChoose}>
            {wayOut.label}
          </Button>
        )}
      </div>
    </div>
  );
}
