import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Engine } from "@/api/types";
import { Button } from "@/components/Button";
import { ClipDrop } from "./ClipDrop";
import { baseLanguage } from "./languages";
import styles from "./OwnVoices.module.css";
import { useAddVoice } from "./queries";
import { refusalOf } from "./refusal";
import { LanguageField, NameField } from "./VoiceFields";

interface AddVoiceProps {
  cloning: NonNullable<Engine["cloning"]>;
  onAdded: (voice: string) => void;
  onClose: () => void;
}

/** A clip, a name, and what they are to read: a voice. */
export function AddVoice({ cloning, onAdded, onClose }: AddVoiceProps) {
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState("");
  const [language, setLanguage] = useState(() => likelyLanguage(cloning.languages));
  const [share, setShare] = useState(0);
  const add = useAddVoice(setShare);
  const sending = useRef<AbortController>(null);
  useEffect(() => () => sending.current?.abort(), []);
  const refused = refusalOf(add.error);
  const tooLarge = file !== null && file.size > cloning.max_clip_bytes;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!file || tooLarge || !name.trim() || add.isPending) return;
    setShare(0);
    sending.current = new AbortController();
    const { signal } = sending.current;
    add.mutate({ file, name, language, signal }, { onSuccess: ({ id }) => onAdded(id) });
  };
  const take = (chosen: File) => {
    setFile(chosen);
    add.reset();
    // What the file is called is as good a name as any, until somebody types a better one.
    if (!name) setName(chosen.name.replace(/\.[^.]*$/, ""));
  };
  return (
    <form className={styles.form} aria-label="Add a voice" onSubmit={submit}>
      <ClipDrop
        cloning={cloning}
        file={file}
        disabled={add.isPending}
        error={tooLarge ? "This file is too large." : refused.file}
        onFile={take}
      />
      <NameField value={name} error={refused.name} disabled={add.isPending} onChange={setName} />
      <LanguageField
        languages={cloning.languages}
        value={language}
        error={refused.language}
        disabled={add.isPending}
        onChange={setLanguage}
      />
      {refused.other && (
        <p className={styles.problem} role="alert">
          {refused.other}
        </p>
      )}
      <p className={styles.hint}>Take only the voice of somebody who agrees to it.</p>
      <div className={styles.actions}>
        {add.isPending && (
          <progress className={styles.progress} value={share} aria-label="Sent of the recording" />
        )}
        <Button look="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button
          look="main"
          type="submit"
          busy={add.isPending}
          disabled={!file || tooLarge || !name.trim() || add.isPending}
        >
          {add.isPending ? (share < 1 ? "Sending…" : "Making the voice…") : "Add voice"}
        </Button>
      </div>
    </form>
  );
}

/** The language of this reader, if something can be read in it. */
function likelyLanguage(offered: readonly string[]): string {
  const wanted = [...navigator.languages.map(baseLanguage), "en"];
  return wanted.find((tag) => tag !== null && offered.includes(tag)) ?? offered[0] ?? "en";
}
