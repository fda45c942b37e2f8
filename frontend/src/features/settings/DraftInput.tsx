import { type ComponentProps, useState } from "react";

interface DraftInputProps extends Omit<ComponentProps<"input">, "value" | "onChange" | "onBlur"> {
  value: string;
  /** Called on leaving the field or pressing Enter, if there is something to save. Resolves to whether it was saved. */
  onCommit: (value: string) => Promise<boolean>;
}

/** A text field that is saved when it is left. What was typed stays until it is saved. */
export function DraftInput({ value, onCommit, ...rest }: DraftInputProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const commit = async () => {
    if (draft === null) return;
    const text = draft.trim();
    // Back at the saved value, a refused field is saved all the same: that takes the refusal away.
    const isSaved = text === value && !rest["aria-invalid"];
    if (isSaved || (await onCommit(text))) setDraft((now) => (now === draft ? null : now));
  };
  return (
    <input
      {...rest}
      value={draft ?? value}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={() => void commit()}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
    />
  );
}
