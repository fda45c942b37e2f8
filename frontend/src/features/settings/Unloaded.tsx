import { inWords } from "@/api/client";
import { Button } from "@/components/Button";
import styles from "./settings.module.css";

/** In place of settings that are not there: on their way, or not to be had. */
export function Unloaded({ error, onRetry }: { error: Error | null; onRetry: () => void }) {
  if (!error) return <p className={styles.hint}>Loading…</p>;
  return (
    <div className={styles.form} role="alert">
      <p>{inWords(error)}</p>
      <div>
        <Button onClick={onRetry}>Try again</Button>
      </div>
    </div>
  );
}
