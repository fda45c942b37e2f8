import { Field } from "@/components/Field";
import { DraftInput } from "./DraftInput";

interface NumberFieldProps {
  label: string;
  hint?: string;
  /** What is counted: "characters". */
  unit?: string;
  min: number;
  max: number;
  step: number;
  value: number;
  disabled?: boolean;
  error: string | null;
  onSave: (value: number) => Promise<boolean>;
}

/** A number with limits that are told below its label. */
export function NumberField(props: NumberFieldProps) {
  const { label, hint, unit = "", error, value, disabled, onSave, ...limits } = props;
  const range = `${limits.min.toLocaleString("en")} to ${limits.max.toLocaleString("en")} ${unit}`;
  return (
    <Field
      label={label}
      hint={hint ? `${hint} ${range.trim()}.` : range.trim()}
      error={error}
      layout="row"
    >
      {(wiring) => (
        <DraftInput
          {...wiring}
          {...limits}
          type="number"
          disabled={disabled}
          value={String(value)}
          // An emptied field goes back to what is saved.
          onCommit={async (text) => text === "" || onSave(Number(text))}
        />
      )}
    </Field>
  );
}
