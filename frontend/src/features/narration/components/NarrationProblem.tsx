import { X } from "lucide-react";
import { Button, IconButton } from "@/components/Button";
import type { NarrationError } from "../store/narrationStore";
import styles from "./NarrationProblem.module.css";

interface NarrationProblemProps {
  error: NarrationError;
  onRetry: () => void;
  /** What else would help, where anything would. */
  wayOut: { label: string; onChoose: () => void } | null;
  onDismiss: () => void;
}

/** What went wrong with a scene, and what can be done about it. */
export function NarrationProblem(props: NarrationProblemProps) {
  const { error, onRetry, wayOut, onDismiss } = props;
  return (
    <div className={styles.problem} role="alert">
      <p className={styles.words}>{error.message}</p>
      <IconButton label="Dismiss" onClick={onDismiss}>
        <X size={20} aria-hidden />
      </IconButton>
      <div className={styles.actions}>
        <Button onClick={onRetry}>Try again</Button>
        {wayOut && (
          <Button look="quiet" onClick={wayOut.onChoose}>
            {wayOut.label}
          </Button>
        )}
      </div>
    </div>
  );
}
