import type { ReactNode } from "react";
import { Link } from "react-router";
import styles from "./Notice.module.css";

interface NoticeProps {
  title: string;
  text: string;
  /** Offers the way to the library. */
  home?: boolean;
  children?: ReactNode;
}

/** A page that only says something. */
export function Notice({ title, text, home = false, children }: NoticeProps) {
  return (
    <div className={styles.notice}>
      <h1 className={styles.title}>{title}</h1>
      <p className={styles.text}>{text}</p>
      {children}
      {home && <Link to="/">Back to your stories</Link>}
    </div>
  );
}
