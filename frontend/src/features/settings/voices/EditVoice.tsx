import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Engine, OwnVoice, OwnVoiceChange } from "@/api/types";
import { Button } from "@/components/Button";
import styles from "./EditVoice.module.css";
import { useChangeVoice } from "./queries";
import { refusalOf } from "./refusal";
import { LanguageField, NameField } from "./VoiceFields";

interface EditVoiceProps {
  voice: OwnVoice;
  cloning: NonNullable<Engine["cloning"]>;
  onClose: () => void;
}

/** Another name for a voice of one's own, and what it reads. */
export function EditVoice({ voice, cloning, onClose }: EditVoiceProps) {
  const [name, setName] = useState(voice.name);
  const [language, setLanguage] = useState(voice.language);
  const change = useChangeVoice(voice.id, onClose);
  const refused = refusalOf(change.error);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    first.current?.focus();
    first.current?.select();
  }, []);
  useEffect(() => {
    if (refused.name) first.current?.focus();
  }, [refused.name]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim() || change.isPending) return;
    const changes: OwnVoiceChange = {
      ...(name.trim() !== voice.name && { name }),
      ...(language !== voice.language && { language }),
    };
    if (Object.keys(changes).length === 0) onClose();
    else change.mutate(changes);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    // Out of this form, and not of the list around it.
    event.stopPropagation();
    onClose();
  };
  return (
    <form
      className={styles.form}
      aria-label={`Edit ${voice.name}`}
      onSubmit={submit}
      onKeyDown={onKeyDown}
    >
      <NameField inputRef={first} value={name} error={refused.name} onChange={setName} />
      <LanguageField
        languages={cloning.languages}
        value={language}
        error={refused.language}
        onChange={setLanguage}
      />
      {refused.other && (
        <p className={styles.problem} role="alert">
          {refused.other}
        </p>
      )}
      <div className={styles.actions}>
        <Button look="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button look="main" type="submit" busy={change.isPending} disabled={!name.trim()}>
          {change.isPending ? "Saving…" : "Save"}
        </Button>
      </div>
    </form>
  );
}
