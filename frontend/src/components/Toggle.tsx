import { Switch } from "radix-ui";
import { useId } from "react";
import styles from "./Toggle.module.css";

interface ToggleProps {
  label: string;
  description: string;
  checked: boolean;
  disabled?: boolean;
  error?: string | null;
  onChange: (checked: boolean) => void;
}

/** A setting that is on or off. */
export function Toggle(props: ToggleProps) {
  const { label, description, checked, disabled = false, error, onChange } = props;
  const id = useId();
  return (
    <div className={styles.row} data-disabled={disabled || undefined}>
      <div>
        <label htmlFor={id} className={styles.label}>
          {label}
        </label>
        <p id={`${id}-hint`} className={styles.description}>
          {description}
        </p>
        {error && (
          <p className={styles.error} role="alert">
            {error}
          </p>
        )}
      </div>
      <Switch.Root
        id={id}
        className={styles.switch}
        checked={checked}
        disabled={disabled}
        aria-describedby={`${id}-hint`}
        onCheckedChange={onChange}
      >
        <Switch.Thumb className={styles.thumb} />
      </Switch.Root>
    </div>
  );
}
