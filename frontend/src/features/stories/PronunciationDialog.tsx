import { useQuery } from "@tanstack/react-query";
import { LoaderCircle } from "lucide-react";
import { inWords } from "@/api/client";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import styles from "./PronunciationDialog.module.css";
import { PronunciationForm } from "./PronunciationForm";
import type { Hear } from "./PronunciationRowFields";
import { pronunciationsQuery } from "./queries";

interface PronunciationDialogProps {
  storyId: number;
  hear: Hear;
  onClose: () => void;
}

/** How the names and words of a story are said. */
export function PronunciationDialog({ storyId, hear, onClose }: PronunciationDialogProps) {
  const saved = useQuery({ ...pronunciationsQuery(storyId), gcTime: 0 });
  return (
    <Dialog title="Pronunciation" onClose={onClose}>
      {saved.data ? (
        <PronunciationForm storyId={storyId} saved={saved.data} hear={hear} onClose={onClose} />
      ) : saved.error ? (
        <div className={styles.form} role="alert">
          <p className={styles.error}>{inWords(saved.error)}</p>
          <Button onClick={() => void saved.refetch()}>Try again</Button>
        </div>
      ) : (
        <LoaderCircle className={styles.spinner} size={20} aria-label="Loading" />
      )}
    </Dialog>
  );
}
