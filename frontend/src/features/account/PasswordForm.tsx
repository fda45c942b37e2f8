import { type FormEvent, useState } from "react";
import { ApiError, inWords } from "@/api/client";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { note } from "@/components/toasts";
import styles from "./AccountTab.module.css";
import { useChangePassword } from "./queries";

/** Another password; whoever is signed in with the old one elsewhere has to sign in again. */
export function PasswordForm() {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useChangePassword();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const passwords = { current_password: current, new_password: next };
    change.mutate(passwords, {
      onSuccess: () => {
        setCurrent("");
        setNext("");
        note("Password changed. Your other devices are signed out.");
      },
    });
  };
  const param = change.error instanceof ApiError ? change.error.param : null;
  const words = change.error && inWords(change.error);
  return (
    <form className={styles.form} aria-label="Change password" onSubmit={submit}>
      <Field label="Current password" error={param === "new_password" ? null : words}>
        {(wiring) => (
          <input
            {...wiring}
            required
            type="password"
            value={current}
            autoComplete="current-password"
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field
        label="New password"
        hint="At least 8 characters."
        error={param === "new_password" ? words : null}
      >
        {(wiring) => (
          <input
            {...wiring}
            required
            minLength={8}
            type="password"
            value={next}
            autoComplete="new-password"
            onChange={(event) => setNext(event.currentTarget.value)}
          />
        )}
      </Field>
      <Button type="submit" busy={change.isPending} disabled={change.isPending}>
        Change password
      </Button>
    </form>
  );
}
