import { inWords } from "@/api/client";
import { Button } from "@/components/Button";
import { useTestWriter } from "./queries";
import styles from "./settings.module.css";

/** Asks the model for a few words and shows them. */
export function WriterTest({ baseUrl, model }: { baseUrl: string; model: string }) {
  const test = useTestWriter();
  return (
    <div className={styles.test}>
      <Button
        busy={test.isPending}
        disabled={test.isPending || !baseUrl || !model}
        onClick={() => test.mutate({ base_url: baseUrl, model })}
      >
        {test.isPending ? "Asking…" : "Test"}
      </Button>
      <p role="status">
        {test.isSuccess && (
          <span className={styles.answer}>
            {test.data.model} answered in {Math.round(test.data.latency_ms).toLocaleString("en")}{" "}
            ms: <q>{test.data.sample}</q>
          </span>
        )}
        {test.isError && <span className={styles.error}>{inWords(test.error)}</span>}
      </p>
    </div>
  );
}
