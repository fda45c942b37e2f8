import { type ReactNode, useId } from "react";
import styles from "./Group.module.css";

interface GroupProps {
  title: string;
  /** One line below the rows. */
  hint?: ReactNode;
  /** Each child is a row. */
  children: ReactNode;
}

/** Settings that belong together, as rows of one frame. */
export function Group({ title, hint, children }: GroupProps) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className={styles.title}>
        {title}
      </h3>
      <div className={styles.rows}>{children}</div>
      {hint && <p className={styles.hint}>{hint}</p>}
    </section>
  );
}
