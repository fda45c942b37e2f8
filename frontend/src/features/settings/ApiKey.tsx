import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { DraftInput } from "./DraftInput";
import styles from "./settings.module.css";

interface ApiKeyProps {
  saved: boolean;
  disabled?: boolean;
  error: string | null;
  /** "" removes the saved key. */
  onSave: (key: string) => Promise<boolean>;
}

/** The key of a server: it goes there and never comes back. */
export function ApiKey({ saved, disabled = false, error, onSave }: ApiKeyProps) {
  return (
    <div className={styles.pair}>
      <Field label="Key" error={error}>
        {(wiring) => (
          <DraftInput
            {...wiring}
            type="password"
            autoComplete="off"
            disabled={disabled}
            placeholder={saved ? "Saved, not shown" : "None needed for most"}
            value=""
            onCommit={onSave}
          />
        )}
      </Field>
      {saved && (
        <Button look="quiet" disabled={disabled} onClick={() => void onSave("")}>
          Remove
        </Button>
      )}
    </div>
  );
}
