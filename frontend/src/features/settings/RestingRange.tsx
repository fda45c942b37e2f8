import { useRef } from "react";
import { Field } from "@/components/Field";
import { Range } from "@/components/Range";
import { useDraft } from "./useDraft";

interface RestingRangeProps {
  label: string;
  /** The value in words, shown and read out. */
  valueText: (value: number) => string;
  hint: string;
  min: number;
  max: number;
  step: number;
  value: number;
  disabled: boolean;
  error: string | null;
  onSave: (value: number) => Promise<boolean>;
}

/** How long a slider must rest before its value is saved. */
const REST_MS = 400;

/** A slider that is saved when it rests, or when it goes away. Its place stays until it is saved. */
export function RestingRange(props: RestingRangeProps) {
  const { label, valueText, hint, error, value, onSave, ...range } = props;
  const draft = useDraft(onSave);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const move = (next: number) => {
    draft.enter(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(draft.settle, REST_MS);
  };

  const shown = draft.value ?? value;
  return (
    <Field label={label} value={valueText(shown)} hint={hint} error={error}>
      {(wiring) => (
        <Range
          {...wiring}
          {...range}
          value={shown}
          aria-valuetext={valueText(shown)}
          onChange={move}
        />
      )}
    </Field>
  );
}
