import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { WriterChange, WriterSettings } from "@/api/types";
import { Choice } from "./Choice";
import { FoundServers } from "./FoundServers";
import { useSaveWriter, writerSettingsQuery } from "./queries";
import { SaveMark } from "./SaveMark";
import styles from "./settings.module.css";
import { Unloaded } from "./Unloaded";
import { useFieldSaves } from "./useFieldSaves";
import { WriterConnection } from "./WriterConnection";

/** Who writes the stories. */
export function WriterTab() {
  const settings = useQuery(writerSettingsQuery);
  if (settings.data) return <WriterForm settings={settings.data} />;
  return <Unloaded error={settings.error} onRetry={() => void settings.refetch()} />;
}

const PROVIDERS = [
  {
    value: "builtin",
    label: "Built-in storyteller (no AI model)",
    description: "Works at once and offline. Pleasant, but no match for a language model.",
  },
  {
    value: "openai",
    label: "A language model",
    description:
      "Any server that speaks the OpenAI protocol: Ollama, LM Studio, llama.cpp, vLLM, or one on the network.",
  },
] as const;

const LABELS = {
  base_url: "Address",
  model: "Model",
  api_key: "Key",
  max_tokens: "Longest scene",
  temperature: "Temperature",
} as const;

function WriterForm({ settings }: { settings: WriterSettings }) {
  const put = useSaveWriter();
  const { save, errorOf, isSaving, savedAt } = useFieldSaves<WriterChange>(put.mutateAsync, LABELS);
  /** A language model was chosen, but cannot write before it has an address and a name. */
  const [waits, setWaits] = useState(false);
  const saving = put.isPending ? put.variables : {};
  const provider = waits ? "openai" : (saving.provider ?? settings.provider);

  const choose = (chosen: WriterSettings["provider"]) => {
    const isReady = chosen === "builtin" || isComplete(settings);
    setWaits(!isReady);
    if (isReady) void save({ provider: chosen });
  };
  const saveConnection = async (change: WriterChange) => {
    const completes = waits && isComplete({ ...settings, ...change });
    const saved = await save(completes ? { ...change, provider: "openai" } : change);
    if (saved && completes) setWaits(false);
    return saved;
  };
  return (
    <div className={styles.form}>
      <SaveMark isSaving={isSaving} savedAt={savedAt} />
      <Choice
        legend="Who writes"
        name="writer"
        value={provider}
        options={PROVIDERS}
        error={errorOf("provider")}
        onChange={choose}
      />
      <FoundServers
        inUse={provider === "openai" ? settings.base_url : null}
        onUse={({ base_url, models }) => {
          setWaits(false);
          void save({ provider: "openai", base_url, model: models[0] ?? null });
        }}
      />
      {provider === "openai" && (
        <WriterConnection
          settings={settings}
          waits={waits}
          errorOf={errorOf}
          onSave={saveConnection}
        />
      )}
    </div>
  );
}

function isComplete({ base_url, model }: Pick<WriterChange, "base_url" | "model">): boolean {
  return Boolean(base_url && model);
}
