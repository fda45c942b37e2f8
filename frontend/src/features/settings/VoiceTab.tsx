import { useQuery } from "@tanstack/react-query";
import { inWords } from "@/api/client";
import type { Engine, VoiceSettings } from "@/api/types";
import { Toggle } from "@/components/Toggle";
import { Choice } from "./Choice";
import { enginesQuery, useSaveVoice, voiceSettingsQuery } from "./queries";
import { SaveMark } from "./SaveMark";
import { SpeechSpeed } from "./SpeechSpeed";
import styles from "./settings.module.css";
import { Unloaded } from "./Unloaded";
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
  const off = !settings.tts_enabled;
  const engine = engines.find(({ name }) => name === settings.tts_provider_type);
  const errorOf = (field: keyof VoiceSettings) =>
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
      <Choice
        legend="Speech engine"
        name="engine"
        value={settings.tts_provider_type}
        disabled={off}
        error={errorOf("tts_provider_type")}
        options={engines.map(({ name, label, description, available, unavailable_reason }) => ({
          value: name,
          label,
          description: available ? description : (unavailable_reason ?? "Not available here."),
          disabled: !available,
        }))}
        // A voice belongs to its engine, so the new engine starts with its own.
        onChange={(tts_provider_type) => save.mutate({ tts_provider_type, default_voice: "" })}
      />
      {engines.length === 1 && (
        <p className={styles.hint}>
          Engines with more natural voices appear here once they are installed.
        </p>
      )}
      {engine?.available && (
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
        </>
      )}
    </div>
  );
}
