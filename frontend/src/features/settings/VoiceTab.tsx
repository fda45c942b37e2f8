import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Engine, VoiceChange, VoiceSettings } from "@/api/types";
import { enginesQuery, useSaveVoice, voiceSettingsQuery } from "./queries";
import { SaveMark } from "./SaveMark";
import { Unloaded } from "./Unloaded";
import { useFieldSaves } from "./useFieldSaves";
import { VoiceForm } from "./VoiceForm";
import { useVoices } from "./voices/useVoices";
import { VoiceBrowser } from "./voices/VoiceBrowser";

/** How stories are read aloud. `device` are the settings of this device, which no server knows. */
export function VoiceTab({ device }: { device: ReactNode }) {
  const settings = useQuery(voiceSettingsQuery);
  const engines = useQuery(enginesQuery);
  if (settings.data && engines.data) {
    return <VoiceRoom settings={settings.data} engines={engines.data} device={device} />;
  }
  const retry = () => void Promise.all([settings.refetch(), engines.refetch()]);
  return <Unloaded error={settings.error ?? engines.error} onRetry={retry} />;
}

const LABELS = {
  tts_provider_type: "Speech engine",
  default_voice: "Voice",
  speech_speed: "Speaking pace",
  exaggeration: "Feeling",
  cfg_weight: "Guidance",
  temperature: "Variety",
  tts_api_url: "Address",
  tts_api_key: "Key",
  tts_timeout: "Patience",
  tts_extra_params: "Model",
  min_sentence_length: "Shortest sentence",
  chunk_size: "Longest piece",
  favorite_voices: "Favorites",
} as const satisfies Partial<Record<keyof VoiceChange, string>>;

interface VoiceRoomProps {
  settings: VoiceSettings;
  engines: readonly Engine[];
  device: ReactNode;
}

/** The settings of speech, and behind them all voices. What is changed is saved at once. */
export function VoiceRoom({ settings, engines, device }: VoiceRoomProps) {
  const { mutateAsync } = useSaveVoice();
  const saves = useFieldSaves<VoiceChange>(mutateAsync, LABELS);
  const [place, setPlace] = useState<"settings" | "voices" | "settings again">("settings");
  const engine = engines.find(({ name }) => name === settings.tts_provider_type);
  const mark = <SaveMark isSaving={saves.isSaving} savedAt={saves.savedAt} />;
  if (place === "voices" && engine) {
    return (
      <>
        {mark}
        <AllVoices
          engine={engine}
          settings={settings}
          error={saves.errorOf("default_voice") ?? saves.errorOf("favorite_voices")}
          onSave={saves.save}
          onBack={() => setPlace("settings again")}
        />
      </>
    );
  }
  return (
    <>
      {mark}
      <VoiceForm
        settings={settings}
        engines={engines}
        errorOf={saves.errorOf}
        onSave={saves.save}
        isReturn={place === "settings again"}
        onBrowse={() => setPlace("voices")}
        device={device}
      />
    </>
  );
}

interface AllVoicesProps {
  engine: Engine;
  settings: VoiceSettings;
  error: string | null;
  onSave: (change: VoiceChange) => Promise<boolean>;
  onBack: () => void;
}

function AllVoices({ engine, settings, error, onSave, onBack }: AllVoicesProps) {
  const { voices, chosen } = useVoices(engine, settings.default_voice);
  return (
    <VoiceBrowser
      engine={engine}
      voices={voices ?? []}
      chosen={chosen?.id ?? ""}
      favorites={settings.favorite_voices}
      speed={settings.speech_speed}
      error={error}
      onChoose={(default_voice) => void onSave({ default_voice })}
      onFavorites={(favorite_voices) => void onSave({ favorite_voices })}
      onBack={onBack}
    />
  );
}
