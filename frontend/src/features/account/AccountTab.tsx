import { useQuery } from "@tanstack/react-query";
import { inWords } from "@/api/client";
import { Button } from "@/components/Button";
import { Group } from "@/components/Group";
import styles from "./AccountTab.module.css";
import { DeleteAccount } from "./DeleteAccount";
import { PasswordForm } from "./PasswordForm";
import { authModeQuery, useSignOut } from "./queries";

/** Who is signed in; where nobody needs to be, says so. */
export function AccountTab() {
  const access = useQuery(authModeQuery);
  const signOut = useSignOut();
  if (!access.data) return null;
  if (access.data.mode === "single") {
    return (
      <p className={styles.text}>
        This Rhapsode is yours alone: it answers only on this computer and asks for no name. To
        share it, start it with <code>RHAPSODE_AUTH=accounts</code>.
      </p>
    );
  }
  return (
    <div className={styles.account}>
      <Group title="You">
        <div className={styles.row}>
          <p className={styles.text}>
            Signed in as <strong>{access.data.user?.username}</strong>
            {access.data.user?.is_admin && ", who administers this server"}.
          </p>
          <Button
            busy={signOut.isPending}
            disabled={signOut.isPending}
            onClick={() => signOut.mutate()}
          >
            Sign out
          </Button>
          {signOut.isError && (
            <p className={styles.error} role="alert">
              {inWords(signOut.error)}
            </p>
          )}
        </div>
      </Group>
      <Group title="Signing in">
        <PasswordForm />
      </Group>
      <Group title="Leaving">
        <DeleteAccount />
      </Group>
    </div>
  );
}
