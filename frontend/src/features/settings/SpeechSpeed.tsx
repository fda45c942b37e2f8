import type { Engine } from "@/api/types";
import { RestingRange } from "./RestingRange";

interface SpeechSpeedProps {
  engine: Engine;
  value: number;
  disabled: boolean;
  error: string | null;
  onChange: (speed: number) => void;
}

const short = (value: number) => Number(value.toFixed(2));

/** The pace at which the engine itself speaks. */
export function SpeechSpeed({ engine, ...rest }: SpeechSpeedProps) {
  return (
    <RestingRange
      {...rest}
      label={(value) => `Speaking pace: ${short(value)}×`}
      valueText={(value) => `${short(value)} times`}
      hint="How fast the voice itself speaks. The player has a speed of its own."
      min={Math.max(engine.min_speed, 0.25)}
      max={Math.min(engine.max_speed, 4)}
      step={0.05}
    />
  );
}
