import type { Engine } from "@/api/types";
import { RestingRange } from "./RestingRange";

interface SpeechSpeedProps {
  engine: Engine;
  value: number;
  disabled: boolean;
  error: string | null;
  onSave: (speed: number) => Promise<boolean>;
}

/** The pace at which the engine itself speaks. */
export function SpeechSpeed({ engine, ...rest }: SpeechSpeedProps) {
  return (
    <RestingRange
      {...rest}
      label="Speaking pace"
      valueText={(value) => `${Number(value.toFixed(2))}×`}
      hint="How fast the voice itself speaks. The player has a speed of its own."
      min={Math.max(engine.min_speed, 0.25)}
      max={Math.min(engine.max_speed, 4)}
      step={0.05}
    />
  );
}
