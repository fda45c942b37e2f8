import { Field } from "@/components/Field";
import { DraftInput } from "./DraftInput";

interface NumberFieldProps {
  label: string;
  min: number;
  max: number;
  step: number;
  value: number;
  error: string | null;
  onSave: (value: number) => void;
}

/** A number with limits that are told below it. */
export function NumberField({ label, error, value, onSave, ...limits }: NumberFieldProps) {
  return (
    <Field
      label={label}
      hint={`${limits.min.toLocaleString("en")} to ${limits.max.toLocaleString("en")}`}
      error={error}
    >
      {(wiring) => (
        <DraftInput
          {...wiring}
          {...limits}
          type="number"
          value={String(value)}
          onCommit={(text) => text !== "" && onSave(Number(text))}
        />
      )}
    </Field>
  );
}
