import { type ReactNode, useState } from "react";
import type { Engine, VoiceChange, VoiceSettings } from "@/api/types";
import { Group } from "@/components/Group";
import { Toggle } from "@/components/Toggle";
import { Choice } from "./Choice";
import { NumberField } from "./NumberField";
import { SpeechServer } from "./SpeechServer";
import { SpeechSpeed } from "./SpeechSpeed";
import styles from "./settings.module.css";
import { VoiceFeeling } from "./VoiceFeeling";
import { ChosenVoice } from "./voices/ChosenVoice";

interface VoiceFormProps {
  settings: VoiceSettings;
  engines: readonly Engine[];
  errorOf: (field: keyof VoiceChange) => string | null;
  /** Resolves to whether the change was saved. */
  onSave: (change: VoiceChange) => Promise<boolean>;
  /** Somebody comes back from the list of voices. */
  isReturn: boolean;
  onBrowse: () => void;
  /** The settings of this device. */
  device: ReactNode;
}

/** The settings of speech, in groups. Without speech, there is nothing to set but speech itself. */
export function VoiceForm(props: VoiceFormProps) {
  const { settings, engines, errorOf, onSave, device } = props;
  /** An engine that was chosen, but cannot speak before it has a server. */
  const [wanted, setWanted] = useState<string | null>(null);
  const off = !settings.tts_enabled;
  const chosen = wanted ?? settings.tts_provider_type;
  const engine = engines.find(({ name }) => name === chosen);
  const isSaved = chosen === settings.tts_provider_type;

  const choose = (name: string) => {
    const waits = engines.find((each) => each.name === name)?.needs_server && !settings.tts_api_url;
    setWanted(waits ? name : null);
    // A voice belongs to its engine, so the new engine starts with its own.
    if (!waits) void onSave({ tts_provider_type: name, default_voice: "" });
  };
  const saveServer = async (change: VoiceChange) => {
    const isFirst = "tts_provider_type" in change && !isSaved;
    const saved = await onSave(isFirst ? { ...change, default_voice: "" } : change);
    if (saved) setWanted(null);
    return saved;
  };
  return (
    <div className={styles.form}>
      <Reading settings={settings} errorOf={errorOf} onSave={onSave} />
      <Choice
        legend="Speech engine"
        name="engine"
        value={chosen}
        disabled={off}
        error={errorOf("tts_provider_type")}
        options={engines.map(optionOf)}
        onChange={choose}
      />
      {engine?.needs_server && (
        <SpeechServer
          engine={engine.name}
          settings={settings}
          disabled={off}
          errorOf={errorOf}
          onSave={saveServer}
        />
      )}
      {engine?.available && isSaved && <Speaking {...props} engine={engine} disabled={off} />}
      <Pieces settings={settings} disabled={off} errorOf={errorOf} onSave={onSave} />
      {device}
    </div>
  );
}

function optionOf(engine: Engine) {
  const { name, label, description, available, unavailable_reason } = engine;
  return {
    value: name,
    label,
    description,
    facts: [...abilitiesOf(engine), ...paceOf(engine)].join(" · "),
    disabled: !available,
    ...(!available && { warning: unavailable_reason ?? "Not available here." }),
  };
}

/** What an engine can do that not every one can. */
function abilitiesOf({ parameters, word_times, cloning }: Engine): string[] {
  const abilities = [
    word_times && "Exact highlight",
    parameters.includes("speed") && "Pace",
    parameters.includes("exaggeration") && "Feeling",
    cloning !== null && "Your own voices",
  ];
  return abilities.filter((ability) => ability !== false);
}

/** How it has done here lately; nothing before its first sentence. */
function paceOf({ first_chunk_s, rtf }: Engine): string[] {
  if (first_chunk_s === null || rtf === null) return [];
  const isTooSlow = rtf >= 1;
  return [
    `First sound after ${Math.max(0.01, first_chunk_s).toFixed(2)} s`,
    ...(isTooSlow ? ["Slower than it plays on this machine"] : []),
  ];
}

type SavedProps = Pick<VoiceFormProps, "settings" | "errorOf" | "onSave">;

/** Whether there is speech, and when. */
function Reading({ settings, errorOf, onSave }: SavedProps) {
  const off = !settings.tts_enabled;
  return (
    <Group title="Reading">
      <Toggle
        label="Read stories aloud"
        description="Off, everything is written without audio."
        checked={settings.tts_enabled}
        error={errorOf("tts_enabled")}
        onChange={(tts_enabled) => void onSave({ tts_enabled })}
      />
      <Toggle
        label="Real-time TTS During Generation"
        description="Hear narration while scene is being written (experimental)"
        checked={settings.realtime_tts_enabled}
        disabled={off}
        error={errorOf("realtime_tts_enabled")}
        onChange={(realtime_tts_enabled) => void onSave({ realtime_tts_enabled })}
      />
      <Toggle
        label="Auto-play Last Scene"
        description="Automatically narrate new scenes after generation completes"
        checked={settings.auto_play_last_scene}
        disabled={off}
        error={errorOf("auto_play_last_scene")}
        onChange={(auto_play_last_scene) => void onSave({ auto_play_last_scene })}
      />
    </Group>
  );
}

/** Who speaks, and how. */
function Speaking(props: VoiceFormProps & { engine: Engine; disabled: boolean }) {
  const { settings, engine, disabled, errorOf, onSave } = props;
  return (
    <Group title="Voice">
      <ChosenVoice
        engine={engine}
        value={settings.default_voice}
        speed={settings.speech_speed}
        disabled={disabled}
        error={errorOf("default_voice")}
        isReturn={props.isReturn}
        onBrowse={props.onBrowse}
      />
      {engine.parameters.includes("speed") && (
        <SpeechSpeed
          engine={engine}
          value={settings.speech_speed}
          disabled={disabled}
          error={errorOf("speech_speed")}
          onSave={(speech_speed) => onSave({ speech_speed })}
        />
      )}
      <VoiceFeeling
        engine={engine}
        settings={settings}
        disabled={disabled}
        errorOf={errorOf}
        onSave={onSave}
      />
    </Group>
  );
}

/** How the text is cut for the engine. */
function Pieces({ settings, disabled, errorOf, onSave }: SavedProps & { disabled: boolean }) {
  return (
    <Group title="Sentences">
      <NumberField
        label="Shortest sentence"
        hint="Shorter ones are spoken together with the next."
        unit="characters"
        min={1}
        max={200}
        step={1}
        value={settings.min_sentence_length}
        disabled={disabled}
        error={errorOf("min_sentence_length")}
        onSave={(min_sentence_length) => onSave({ min_sentence_length })}
      />
      <NumberField
        label="Longest piece"
        hint="The most that the engine is given at once."
        unit="characters"
        min={100}
        max={500}
        step={10}
        value={settings.chunk_size}
        disabled={disabled}
        error={errorOf("chunk_size")}
        onSave={(chunk_size) => onSave({ chunk_size })}
      />
    </Group>
  );
}
