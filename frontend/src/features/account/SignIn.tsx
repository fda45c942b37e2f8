import { type FormEvent, useState } from "react";
import { ApiError, inWords } from "@/api/client";
import type { AuthMode } from "@/api/types";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { useSignIn, type Way } from "./queries";
import styles from "./SignIn.module.css";

/** The door, where accounts are used. */
export default function SignIn({ access }: { access: AuthMode }) {
  return (
    <main className={styles.room}>
      <h1 className={styles.name}>Rhapsode</h1>
      <p className={styles.line}>Stories that are read to you while they are written.</p>
      {access.needs_first_account ? (
        <FirstAccount />
      ) : (
        <WaysIn registrationOpen={access.registration_open} />
      )}
    </main>
  );
}

/** For whoever has set the server up. */
function FirstAccount() {
  return (
    <>
      <p className={styles.welcome}>
        Nobody has an account here yet. Yours will be the first, and the administrator’s.
      </p>
      <CredentialsForm way="register" action="Create the first account" />
    </>
  );
}

function WaysIn({ registrationOpen }: { registrationOpen: boolean }) {
  const [way, setWay] = useState<Way>("login");
  const joining = way === "register";
  return (
    <>
      {/* A new key: the errors of one way in are not those of the other. */}
      <CredentialsForm key={way} way={way} action={joining ? "Make an account" : "Sign in"} />
      {registrationOpen && (
        <p className={styles.other}>
          {joining ? "You have an account?" : "New here?"}{" "}
          <Button look="quiet" onClick={() => setWay(joining ? "login" : "register")}>
            {joining ? "Sign in" : "Make an account"}
          </Button>
        </p>
      )}
    </>
  );
}

interface CredentialsFormProps {
  way: Way;
  /** What its button says. */
  action: string;
}

function CredentialsForm({ way, action }: CredentialsFormProps) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useSignIn(way);
  const joining = way === "register";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ username: username.trim(), password });
  };
  const param = signIn.error instanceof ApiError ? signIn.error.param : null;
  const words = signIn.error && inWords(signIn.error);
  return (
    <form className={styles.form} onSubmit={submit}>
      <Field label="Name" error={param === "username" ? words : null}>
        {(wiring) => (
          <input
            {...wiring}
            required
            value={username}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => setUsername(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field
        label="Password"
        hint={joining && "At least 8 characters."}
        error={param === "username" ? null : words}
      >
        {(wiring) => (
          <input
            {...wiring}
            required
            type="password"
            {...(joining && { minLength: 8 })}
            value={password}
            autoComplete={joining ? "new-password" : "current-password"}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        )}
      </Field>
      <Button look="main" type="submit" busy={signIn.isPending} disabled={signIn.isPending}>
        {action}
      </Button>
    </form>
  );
}
