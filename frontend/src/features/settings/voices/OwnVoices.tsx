import { Plus } from "lucide-react";
import { useState } from "react";
import { inWords } from "@/api/client";
import type { Engine } from "@/api/types";
import { Button } from "@/components/Button";
import { Confirm } from "@/components/Confirm";
import { AddVoice } from "./AddVoice";
import styles from "./OwnVoices.module.css";
import { useDeleteVoice } from "./queries";
import type { OwnVoiceShelf } from "./useOwnVoices";

interface OwnVoicesProps {
  engine: Engine;
  cloning: NonNullable<Engine["cloning"]>;
  own: OwnVoiceShelf;
  /** A new voice is there, and meant to be used. */
  onAdded: (voice: string) => void;
  onDeleted: (voice: string) => void;
}

/** Making a voice of one's own, and parting with one. */
export function OwnVoices({ engine, cloning, own, onAdded, onDeleted }: OwnVoicesProps) {
  const [isAdding, setIsAdding] = useState(false);
  const remove = useDeleteVoice();
  const { tooShort, toDelete } = own;
  const close = () => setIsAdding(false);
  return (
    <div className={styles.own}>
      {isAdding ? (
        <AddVoice
          cloning={cloning}
          onClose={close}
          onAdded={(voice) => {
            close();
            onAdded(voice);
          }}
        />
      ) : (
        <div className={styles.offer}>
          <p className={styles.hint}>
            {engine.label} can speak in a voice from a short recording of somebody who agrees to it.
          </p>
          <Button onClick={() => setIsAdding(true)}>
            <Plus size={16} aria-hidden /> Add a voice
          </Button>
        </div>
      )}
      {tooShort.length > 0 && (
        <p className={styles.hint}>
          Not for this engine, which needs a recording of {cloning.min_clip_s} s at least:{" "}
          {tooShort.map(({ name }) => name).join(", ")}.
        </p>
      )}
      {remove.isError && (
        <p className={styles.problem} role="alert">
          {inWords(remove.error)}
        </p>
      )}
      {toDelete && (
        <Confirm
          title={`Delete “${toDelete.name}”?`}
          text="The recording and the voice made from it are gone then. What it has read already stays."
          action="Delete voice"
          onConfirm={() => remove.mutate(toDelete.id, { onSuccess: () => onDeleted(toDelete.id) })}
          onClose={own.keep}
        />
      )}
    </div>
  );
}
