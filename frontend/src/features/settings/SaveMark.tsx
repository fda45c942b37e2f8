import { Check } from "lucide-react";
import styles from "./SaveMark.module.css";

/** The quiet "Saved". `savedAt` tells one save from the next; null before the first. */
export function SaveMark({ savedAt }: { savedAt: number | null }) {
  return (
    <p className={styles.region} role="status">
      {savedAt !== null && (
        <span key={savedAt} className={styles.mark}>
          <Check size={14} aria-hidden /> Saved
        </span>
      )}
    </p>
  );
}
