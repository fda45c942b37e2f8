import { useEffect, useState } from "react";
import type { Engine } from "@/api/types";
import { Field } from "@/components/Field";
import { Range } from "@/components/Range";

interface SpeechSpeedProps {
  engine: Engine;
  value: number;
  disabled: boolean;
  error: string | null;
  onChange: (speed: number) => void;
}

/** How long a slider must rest before its value is saved. */
const REST_MS = 400;

/** The pace at which the engine itself speaks. */
export function SpeechSpeed({ engine, value, disabled, error, onChange }: SpeechSpeedProps) {
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
    <Field
      label={`Speaking pace: ${Number(shown.toFixed(2))}×`}
      hint="How fast the voice itself speaks. The player has a speed of its own."
      error={error}
    >
      {(wiring) => (
        <Range
          {...wiring}
          min={Math.max(engine.min_speed, 0.25)}
          max={Math.min(engine.max_speed, 4)}
          step={0.05}
          value={shown}
          disabled={disabled}
          aria-valuetext={`${Number(shown.toFixed(2))} times`}
          onChange={setDraft}
        />
      )}
    </Field>
  );
}
