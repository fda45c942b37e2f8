import { LoaderCircle } from "lucide-react";
import type { ComponentProps } from "react";
import styles from "./Button.module.css";

interface ButtonProps extends ComponentProps<"button"> {
  /** `main` is the one thing to do here; `plain` has a border; `quiet` is text only. */
  look?: "main" | "plain" | "quiet" | "danger";
  /** Shows a spinner; the words stay the caller's. */
  busy?: boolean;
}

/** A button with words on it. */
export function Button({ look = "plain", busy = false, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`${styles.button} ${styles[look]} ${rest.className ?? ""}`}
      aria-busy={busy || undefined}
    >
      {busy && <LoaderCircle size={16} className={styles.spinner} aria-hidden />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  /** What it does: read by screen readers and shown on hover. */
  label: string;
}

/** A button with an icon on it, and always a name. */
export function IconButton({ label, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      title={label}
      {...rest}
      aria-label={label}
      className={`${styles.icon} ${rest.className ?? ""}`}
    >
      {children}
    </button>
  );
}
