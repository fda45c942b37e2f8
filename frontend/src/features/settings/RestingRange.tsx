import { useEffect, useState } from "react";
import { Field } from "@/components/Field";
import { Range } from "@/components/Range";

interface RestingRangeProps {
  /** Says the value shown. */
  label: (value: number) => string;
  valueText: (value: number) => string;
  hint: string;
  min: number;
  max: number;
  step: number;
  value: number;
  disabled: boolean;
  error: string | null;
  onChange: (value: number) => void;
}

/** How long a slider must rest before its value is saved. */
const REST_MS = 400;

/** A slider that is saved when it rests. */
export function RestingRange(props: RestingRangeProps) {
  const { label, valueText, hint, error, value, onChange, ...range } = props;
  const [draft, setDraft] = useState<number | null>(null);
  const shown = draft ?? value;

  useEffect(() => {
    if (draft === null) return;
    const timer = setTimeout(() => {
      setDraft(null);
      onChange(draft);
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [draft, onChange]);

  return (
    <Field label={label(shown)} hint={hint} error={error}>
      {(wiring) => (
        <Range
          {...wiring}
          {...range}
          value={shown}
          aria-valuetext={valueText(shown)}
          onChange={setDraft}
        />
      )}
    </Field>
  );
}
