import { Plus } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { ApiError, inWords } from "@/api/client";
import { PRONUNCIATION_LIMIT, type Pronunciation } from "@/api/types";
import { Button } from "@/components/Button";
import { note } from "@/components/toasts";
import styles from "./PronunciationDialog.module.css";
import { type Hear, PronunciationRowFields } from "./PronunciationRowFields";
import {
  findProblems,
  type PronunciationRow,
  problemAt,
  type RowProblems,
  writtenRows,
} from "./pronunciationRules";
import { useSavePronunciations } from "./queries";

interface PronunciationFormProps {
  storyId: number;
  saved: readonly Pronunciation[];
  hear: Hear;
  onClose: () => void;
}

/** Edits a story's dictionary as a whole. */
export function PronunciationForm({ storyId, saved, hear, onClose }: PronunciationFormProps) {
  const nextKey = useRef(saved.length + 1);
  const [rows, setRows] = useState<PronunciationRow[]>(() => [
    ...saved.map((entry, key) => ({ ...entry, key })),
    ...(saved.length === 0 ? [{ key: 0, phrase: "", spoken: "" }] : []),
  ]);
  const [problems, setProblems] = useState(new Map<number, RowProblems>());
  const save = useSavePronunciations(storyId);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => list.current?.querySelector("input")?.focus(), []);

  const change = (key: number, entry: Partial<Pronunciation>) => {
    setRows((all) => all.map((row) => (row.key === key ? { ...row, ...entry } : row)));
    setProblems(new Map([...problems].filter(([other]) => other !== key)));
  };
  const add = () => {
    setRows((all) => [...all, { key: nextKey.current++, phrase: "", spoken: "" }]);
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>("li:last-child input")?.focus(),
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const written = writtenRows(rows);
    const found = findProblems(written);
    setProblems(found);
    if (found.size > 0) return;
    save.mutate(
      written.map(({ phrase, spoken }) => ({ phrase: phrase.trim(), spoken: spoken.trim() })),
      {
        onSuccess: () => {
          note("Saved.");
          onClose();
        },
        onError: (error) =>
          error instanceof ApiError && setProblems(problemAt(error.param, error.message, written)),
      },
    );
  };

  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      <p className={styles.hint}>
        When the voice gets a name wrong, write it the way it sounds: Siobhan → Shivawn. The text on
        the page stays as it is.
      </p>
      <ul className={styles.rows} ref={list}>
        {rows.map((row, place) => (
          <PronunciationRowFields
            key={row.key}
            row={row}
            place={place}
            problems={problems.get(row.key) ?? {}}
            hear={hear}
            onChange={(entry) => change(row.key, entry)}
            onRemove={() => setRows((all) => all.filter(({ key }) => key !== row.key))}
          />
        ))}
      </ul>
      <Button
        look="quiet"
        className={styles.add}
        disabled={rows.length >= PRONUNCIATION_LIMIT}
        onClick={add}
      >
        <Plus size={16} aria-hidden />
        Add a word
      </Button>
      {save.error && problems.size === 0 && (
        <p className={styles.error} role="alert">
          {inWords(save.error)}
        </p>
      )}
      {hear.error && (
        <p className={styles.error} role="alert">
          {hear.error}
        </p>
      )}
      <div className={styles.actions}>
        <Button look="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button look="main" type="submit" busy={save.isPending} disabled={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
