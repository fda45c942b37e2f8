import { useQuery } from "@tanstack/react-query";
import { Play, Square } from "lucide-react";
import { inWords } from "@/api/client";
import type { Engine, Voice } from "@/api/types";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { voicesQuery } from "./queries";
import styles from "./settings.module.css";
import { usePreview } from "./usePreview";

interface VoiceSelectProps {
  engine: Engine;
  /** "" is the engine's default. */
  value: string;
  speed: number;
  disabled: boolean;
  error: string | null;
  onChange: (voice: string) => void;
}

/** The engine's voices, the good ones first, and a button to hear the chosen one. */
export function VoiceSelect(props: VoiceSelectProps) {
  const { engine, value, speed, disabled, error, onChange } = props;
  const voices = useQuery(voicesQuery(engine.name));
  const preview = usePreview();
  const all = voices.data ?? [];
  const featured = all.filter((voice) => voice.featured);
  const others = all.filter((voice) => !voice.featured);
  const unloaded = voices.isError ? inWords(voices.error) : null;
  const standard = all.find((voice) => voice.id === engine.default_voice);
  return (
    <div className={styles.pair}>
      <Field label="Voice" error={error ?? unloaded ?? preview.error}>
        {(wiring) => (
          <select
            {...wiring}
            value={value}
            disabled={disabled || voices.isPending}
            onChange={(event) => onChange(event.currentTarget.value)}
          >
            <option value="">{standard ? `Default (${standard.name})` : "Default"}</option>
            {featured.length > 0 && <Voices label="Featured" voices={featured} />}
            {others.length > 0 && <Voices label="All voices" voices={others} />}
          </select>
        )}
      </Field>
      <Button
        disabled={disabled}
        busy={preview.state === "loading"}
        onClick={() => preview.toggle({ engine: engine.name, voice: value, speed })}
      >
        {preview.state === "silent" && <Play size={16} aria-hidden />}
        {preview.state === "playing" && <Square size={16} aria-hidden />}
        {preview.state === "playing" ? "Stop" : "Listen"}
      </Button>
    </div>
  );
}

const LANGUAGES = new Intl.DisplayNames("en", { type: "language", fallback: "code" });

function Voices({ label, voices }: { label: string; voices: readonly Voice[] }) {
  return (
    <optgroup label={label}>
      {voices.map((voice) => (
        <option key={voice.id} value={voice.id}>
          {`${voice.name}, ${languageName(voice.language)}`}
        </option>
      ))}
    </optgroup>
  );
}

function languageName(tag: string): string {
  try {
    return LANGUAGES.of(tag) ?? tag;
  } catch {
    // An engine may name a language in a way that is no tag.
    return tag;
  }
}
