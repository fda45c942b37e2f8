import { Check } from "lucide-react";
import styles from "./SaveMark.module.css";

interface SaveMarkProps {
  isSaving: boolean;
  /** Tells one save from the next; null when there is none to tell of. */
  savedAt: number | null;
}

/** The quiet "Saved", and "Saving…" where that takes longer than a blink. */
export function SaveMark({ isSaving, savedAt }: SaveMarkProps) {
  return (
    <p className={styles.region} role="status">
      {isSaving && <span className={styles.saving}>Saving…</span>}
      {!isSaving && savedAt !== null && (
        <span key={savedAt} className={styles.saved}>
          <Check size={14} aria-hidden /> Saved
        </span>
      )}
    </p>
  );
}
