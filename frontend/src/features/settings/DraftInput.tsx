import type { ComponentProps } from "react";
import { useDraft } from "./useDraft";

interface DraftInputProps extends Omit<ComponentProps<"input">, "value" | "onChange" | "onBlur"> {
  value: string;
  /** Called on leaving the field or pressing Enter, if there is something to save. Resolves to whether it was saved. */
  onCommit: (value: string) => Promise<boolean>;
}

/** A text field that is saved when it is left. What was typed stays until it is saved. */
export function DraftInput({ value, onCommit, ...rest }: DraftInputProps) {
  const draft = useDraft(async (typed: string) => {
    const text = typed.trim();
    // Back at the saved value, a refused field is saved all the same: that takes the refusal away.
    const isSaved = text === value && !rest["aria-invalid"];
    return isSaved || onCommit(text);
  });
  return (
    <input
      {...rest}
      value={draft.value ?? value}
      onChange={(event) => draft.enter(event.currentTarget.value)}
      onBlur={draft.settle}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
    />
  );
}
