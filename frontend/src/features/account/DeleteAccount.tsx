import { type FormEvent, useState } from "react";
import { inWords } from "@/api/client";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import styles from "./AccountTab.module.css";
import { useDeleteAccount } from "./queries";

/** Leaving for good: the password is the confirmation. */
export function DeleteAccount() {
  const [asking, setAsking] = useState(false);
  const [password, setPassword] = useState("");
  const leave = useDeleteAccount();
  if (!asking) {
    return (
      <div className={styles.row}>
        <p className={styles.text}>Deletes your account, and everything in it.</p>
        <Button onClick={() => setAsking(true)}>Delete account</Button>
      </div>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    leave.mutate(password);
  };
  return (
    <form className={styles.form} aria-label="Delete account" onSubmit={submit}>
      <p className={styles.text}>
        Your stories, their narrations, your voices and your settings are deleted with it. This
        cannot be undone.
      </p>
      <Field label="Password" error={leave.error && inWords(leave.error)}>
        {(wiring) => (
          <input
            {...wiring}
            required
            // biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was pressed.
            autoFocus
            type="password"
            value={password}
            autoComplete="current-password"
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        )}
      </Field>
      <div className={styles.choice}>
        <Button look="danger" type="submit" busy={leave.isPending} disabled={leave.isPending}>
          Delete account
        </Button>
        <Button look="quiet" onClick={() => setAsking(false)}>
          Keep it
        </Button>
      </div>
    </form>
  );
}
