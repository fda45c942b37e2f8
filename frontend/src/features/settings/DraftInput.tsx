import { type ComponentProps, useState } from "react";

interface DraftInputProps extends Omit<ComponentProps<"input">, "value" | "onChange" | "onBlur"> {
  value: string;
  /** Called on leaving the field or pressing Enter, if the text was changed. */
  onCommit: (value: string) => void;
}

/** A text field that is saved when it is left. */
export function DraftInput({ value, onCommit, ...rest }: DraftInputProps) {
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <input
      {...rest}
      value={draft ?? value}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={() => {
        if (draft !== null && draft.trim() !== value) onCommit(draft.trim());
        setDraft(null);
      }}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
    />
  );
}
