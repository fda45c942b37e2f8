import { Button } from "@/components/Button";
import type { NarrationError } from "../store/narrationStore";
import styles from "./NarrationProblem.module.css";

interface NarrationProblemProps {
  error: NarrationError;
  onRetry: () => void;
  /** Null when another writer would not help. */
  onChooseWriter: (() => void) | null;
  onDismiss: () => void;
}

/** What went wrong with a scene, and what can be done about it. */
export function NarrationProblem(props: NarrationProblemProps) {
  const { error, onRetry, onChooseWriter, onDismiss } = props;
  return (
    <div className={styles.problem} role="alert">
      <p>{error.message}</p>
      <div className={styles.actions}>
        <Button onClick={onRetry}>Try again</Button>
        {onChooseWriter && (
          <Button look="quiet" onClick={onChooseWriter}>
            Choose another writer
          </Button>
        )}
        <Button look="quiet" onClick={onDismiss}>
          Dismiss
        </Button>
      </div>
    </div>
  );
}
