import type { Engine, VoiceSettings } from "@/api/types";
import { RestingRange } from "./RestingRange";

type Feeling = "exaggeration" | "cfg_weight" | "temperature";

const FEELINGS: readonly {
  name: Feeling;
  label: string;
  hint: string;
  min: number;
  max: number;
}[] = [
  { name: "exaggeration", label: "Feeling", hint: "0.5 is neutral.", min: 0.25, max: 2 },
  {
    name: "cfg_weight",
    label: "Guidance",
    hint: "Lower speaks slower and freer, higher keeps closer to the text.",
    min: 0,
    max: 1,
  },
  {
    name: "temperature",
    label: "Variety",
    hint: "How much chance is in the voice; 0.8 is a good middle.",
    min: 0.05,
    max: 5,
  },
];

interface VoiceFeelingProps {
  engine: Engine;
  settings: VoiceSettings;
  disabled: boolean;
  errorOf: (field: Feeling) => string | null;
  onSave: (change: Partial<Pick<VoiceSettings, Feeling>>) => Promise<boolean>;
}

/** How the voice feels, as far as the engine can follow. */
export function VoiceFeeling({ engine, settings, disabled, errorOf, onSave }: VoiceFeelingProps) {
  return FEELINGS.filter(({ name }) => engine.parameters.includes(name)).map(
    ({ name, label, ...range }) => (
      <RestingRange
        key={name}
        {...range}
        label={label}
        valueText={(value) => String(Number(value.toFixed(2)))}
        step={0.05}
        value={settings[name]}
        disabled={disabled}
        error={errorOf(name)}
        onSave={(value) => onSave({ [name]: value })}
      />
    ),
  );
}
