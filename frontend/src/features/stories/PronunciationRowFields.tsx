import { Square, Volume2, X } from "lucide-react";
import type { Pronunciation } from "@/api/types";
import { IconButton } from "@/components/Button";
import { Field } from "@/components/Field";
import styles from "./PronunciationDialog.module.css";
import type { PronunciationRow, RowProblems } from "./pronunciationRules";

/** Speaks a word in the reader's voice. */
export interface Hear {
  /** What sounds or is about to; null: nothing. */
  text: string | null;
  error: string | null;
  /** Speak a text, or stop. */
  toggle: (text: string) => void;
}

interface PronunciationRowFieldsProps {
  row: PronunciationRow;
  place: number;
  problems: RowProblems;
  hear: Hear;
  onChange: (entry: Partial<Pronunciation>) => void;
  onRemove: () => void;
}

/** What is written, and how it is said. */
export function PronunciationRowFields({
  row,
  place,
  problems,
  hear,
  onChange,
  onRemove,
}: PronunciationRowFieldsProps) {
  const spoken = row.spoken.trim();
  const name = row.phrase.trim() || `word ${place + 1}`;
  const sounds = spoken !== "" && hear.text === spoken;
  return (
    <li className={styles.row}>
      <fieldset className={styles.fields}>
        <legend className="visually-hidden">{name}</legend>
        <Field label="Written" error={problems.phrase}>
          {(wiring) => (
            <input
              {...wiring}
              value={row.phrase}
              maxLength={80}
              placeholder={place === 0 ? "Siobhan" : ""}
              dir="auto"
              autoComplete="off"
              onChange={(event) => onChange({ phrase: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label="Spoken" error={problems.spoken}>
          {(wiring) => (
            <input
              {...wiring}
              value={row.spoken}
              maxLength={120}
              placeholder={place === 0 ? "Shivawn" : ""}
              dir="auto"
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => onChange({ spoken: event.currentTarget.value })}
            />
          )}
        </Field>
        <div className={styles.tools}>
          <IconButton
            label={sounds ? "Stop" : `Hear ${name}`}
            disabled={spoken === ""}
            onClick={() => hear.toggle(spoken)}
          >
            {sounds ? <Square size={16} aria-hidden /> : <Volume2 size={18} aria-hidden />}
          </IconButton>
          <IconButton label={`Remove ${name}`} onClick={onRemove}>
            <X size={18} aria-hidden />
          </IconButton>
        </div>
      </fieldset>
    </li>
  );
}
