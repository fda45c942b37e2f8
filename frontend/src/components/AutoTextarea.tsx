import type { ComponentProps } from "react";
import styles from "./AutoTextarea.module.css";

type AutoTextareaProps = Omit<ComponentProps<"textarea">, "value" | "rows"> & { value: string };

/**
 * A text area exactly as tall as its text.
 *
 * A hidden copy of the text shares its grid cell and gives the height, so that no measuring is needed.
 */
export function AutoTextarea({ value, className, ...rest }: AutoTextareaProps) {
  return (
    <div className={`${styles.cell} ${className ?? ""}`}>
      <div aria-hidden className={styles.copy}>
        {`${value || rest.placeholder || ""} `}
      </div>
      <textarea {...rest} value={value} rows={1} className={styles.area} />
    </div>
  );
}
