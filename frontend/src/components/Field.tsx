import { type ReactNode, useId } from "react";
import styles from "./Field.module.css";

interface FieldWiring {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

interface FieldProps {
  label: string;
  /** What is set now, at the end of the label's line; for controls that do not show it themselves. */
  value?: string;
  hint?: ReactNode;
  /** Said beside the field, in plain words. */
  error?: string | null | undefined;
  /** `row` puts a small control at the end of the label's line. */
  layout?: "stack" | "row";
  /** Draws the control, which must take the given attributes. */
  children: (wiring: FieldWiring) => ReactNode;
}

/** A control with its name, its hint and its error, tied together for screen readers. */
export function Field({ label, value, hint, error, layout = "stack", children }: FieldProps) {
  const id = useId();
  const said = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className={`${styles.field} ${styles[layout]}`}>
      {value === undefined ? (
        <label htmlFor={id} className={styles.label}>
          {label}
        </label>
      ) : (
        <div className={styles.head}>
          <label htmlFor={id} className={styles.label}>
            {label}
          </label>
          <span className={styles.value}>{value}</span>
        </div>
      )}
      {children({
        id,
        "aria-describedby": said || undefined,
        "aria-invalid": error ? true : undefined,
      })}
      {hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className={styles.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
