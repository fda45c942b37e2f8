import { type KeyboardEvent, useState } from "react";
import { AutoTextarea } from "@/components/AutoTextarea";
import styles from "./EditableText.module.css";

interface EditableTextProps {
  label: string;
  value: string;
  placeholder: string;
  maxLength: number;
  /** An empty text is put back instead of being saved. */
  required?: boolean;
  className?: string | undefined;
  onSave: (value: string) => void;
}

/** Beyond this many characters a text is marked `data-long`, so that it can be set smaller. */
const LONG = 48;

/** Text that is changed where it stands: saved on Enter or on leaving it, put back on Escape. */
export function EditableText(props: EditableTextProps) {
  const { label, value, placeholder, maxLength, required = false, className, onSave } = props;
  const [draft, setDraft] = useState<string | null>(null);

  const finish = () => {
    const text = draft?.replace(/\s*\n\s*/g, " ").trim();
    setDraft(null);
    if (text === undefined || text === value || (required && !text)) return;
    onSave(text);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") setDraft(null);
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    // Leaving saves the draft; after Escape there is none.
    if (event.key === "Enter") event.currentTarget.blur();
  };
  return (
    <AutoTextarea
      className={`${styles.text} ${className ?? ""}`}
      aria-label={label}
      data-long={value.length > LONG || undefined}
      value={draft ?? value}
      placeholder={placeholder}
      maxLength={maxLength}
      spellCheck={draft !== null}
      dir="auto"
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={finish}
      onKeyDown={onKeyDown}
    />
  );
}
