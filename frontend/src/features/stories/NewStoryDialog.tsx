import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { ApiError, inWords } from "@/api/client";
import { PROMPT_LIMIT, TITLE_LIMIT } from "@/api/types";
import { Button } from "@/components/Button";
import { Dialog } from "@/components/Dialog";
import { Field } from "@/components/Field";
import styles from "./NewStoryDialog.module.css";
import { useCreateStory } from "./queries";

/** Asks for a title and a premise (both may stay empty) and opens the new story. */
export function NewStoryDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const create = useCreateStory();
  const [title, setTitle] = useState("");
  const [premise, setPremise] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const named = title.trim() ? { title: title.trim() } : {};
    create.mutate(
      { ...named, premise: premise.trim() },
      { onSuccess: (story) => navigate(`/stories/${story.id}`) },
    );
  };
  const errorAt = (param: string | null) =>
    create.error instanceof ApiError && create.error.param === param ? create.error.message : null;
  const elsewhere = create.error && !errorAt("title") && !errorAt("premise");
  return (
    <Dialog title="New story" onClose={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <Field label="Title" error={errorAt("title")}>
          {(wiring) => (
            <input
              {...wiring}
              data-first
              value={title}
              maxLength={TITLE_LIMIT}
              placeholder="Untitled story"
              dir="auto"
              onChange={(event) => setTitle(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field
          label="What is it about?"
          hint="A sentence or two: who, where, and what is about to change."
          error={errorAt("premise")}
        >
          {(wiring) => (
            <textarea
              {...wiring}
              value={premise}
              maxLength={PROMPT_LIMIT}
              rows={4}
              dir="auto"
              onChange={(event) => setPremise(event.currentTarget.value)}
            />
          )}
        </Field>
        {elsewhere && (
          <p className={styles.error} role="alert">
            {inWords(create.error)}
          </p>
        )}
        <div className={styles.actions}>
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button look="main" type="submit" busy={create.isPending} disabled={create.isPending}>
            Begin
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
