import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { inWords } from "@/api/client";
import type { Engine, VoiceChange, VoiceSettings } from "@/api/types";
import { Toggle } from "@/components/Toggle";
import { Choice } from "./Choice";
import { NumberField } from "./NumberField";
import { enginesQuery, useSaveVoice, voiceSettingsQuery } from "./queries";
import { SaveMark } from "./SaveMark";
import { SpeechServer } from "./SpeechServer";
import { SpeechSpeed } from "./SpeechSpeed";
import styles from "./settings.module.css";
import { Unloaded } from "./Unloaded";
import { VoiceFeeling } from "./VoiceFeeling";
import { VoiceSelect } from "./VoiceSelect";

/** How stories are read aloud. */
export function VoiceTab() {
  const settings = useQuery(voiceSettingsQuery);
  const engines = useQuery(enginesQuery);
  if (settings.data && engines.data) {
    return <VoiceForm settings={settings.data} engines={engines.data} />;
  }
  const retry = () => void Promise.all([settings.refetch(), engines.refetch()]);
  return <Unloaded error={settings.error ?? engines.error} onRetry={retry} />;
}

interface VoiceFormProps {
  settings: VoiceSettings;
  engines: readonly Engine[];
}

/** The voice settings, saved as they are changed. */
export function VoiceForm({ settings, engines }: VoiceFormProps) {
  const save = useSaveVoice();
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
    if (!waits) save.mutate({ tts_provider_type: name, default_voice: "" });
  };
  const saveServer = (change: VoiceChange) => {
    const first = "tts_provider_type" in change && !isSaved;
    save.mutate(first ? { ...change, default_voice: "" } : change, {
      onSuccess: () => setWanted(null),
    });
  };
  const errorOf = (field: keyof VoiceChange) =>
    save.error && save.variables && field in save.variables ? inWords(save.error) : null;
  return (
    <div className={styles.form}>
      <SaveMark savedAt={save.isSuccess ? save.submittedAt : null} />
      <Toggle
        label="Read stories aloud"
        description="Off, everything is written without audio."
        checked={settings.tts_enabled}
        onChange={(tts_enabled) => save.mutate({ tts_enabled })}
      />
      <Toggle
        label="Real-time TTS During Generation"
        description="Hear narration while scene is being written (experimental)"
        checked={settings.realtime_tts_enabled}
        disabled={off}
        onChange={(realtime_tts_enabled) => save.mutate({ realtime_tts_enabled })}
      />
      <Toggle
        label="Auto-play Last Scene"
        description="Automatically narrate new scenes after generation completes"
        checked={settings.auto_play_last_scene}
        disabled={off}
        onChange={(auto_play_last_scene) => save.mutate({ auto_play_last_scene })}
      />
      <Choice
        legend="Speech engine"
        name="engine"
        value={chosen}
        disabled={off}
        error={errorOf("tts_provider_type")}
        options={engines.map(({ name, label, description, available, unavailable_reason }) => ({
          value: name,
          label,
          description: available ? description : (unavailable_reason ?? "Not available here."),
          disabled: !available,
        }))}
        onChange={choose}
      />
      {engines.length === 1 && (
        <p className={styles.hint}>
          Engines with more natural voices appear here once they are installed.
        </p>
      )}
      {engine?.needs_server && (
        <SpeechServer
          engine={engine.name}
          settings={settings}
          disabled={off}
          errorOf={errorOf}
          onSave={saveServer}
        />
      )}
      {engine?.available && isSaved && (
        <>
          <VoiceSelect
            engine={engine}
            value={settings.default_voice}
            speed={settings.speech_speed}
            disabled={off}
            error={errorOf("default_voice")}
            onChange={(default_voice) => save.mutate({ default_voice })}
          />
          <SpeechSpeed
            engine={engine}
            value={settings.speech_speed}
            disabled={off}
            error={errorOf("speech_speed")}
            onChange={(speech_speed) => save.mutate({ speech_speed })}
          />
          <VoiceFeeling
            engine={engine}
            settings={settings}
            disabled={off}
            errorOf={errorOf}
            onSave={save.mutate}
          />
        </>
      )}
      <div className={styles.columns}>
        <NumberField
          label="Shortest sentence, in characters"
          min={1}
          max={200}
          step={1}
          value={settings.min_sentence_length}
          error={errorOf("min_sentence_length")}
          onSave={(min_sentence_length) => save.mutate({ min_sentence_length })}
        />
        <NumberField
          label="Longest piece, in characters"
          min={100}
          max={500}
          step={10}
          value={settings.chunk_size}
          error={errorOf("chunk_size")}
          onSave={(chunk_size) => save.mutate({ chunk_size })}
        />
      </div>
    </div>
  );
}
