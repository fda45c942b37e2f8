import { useQuery } from "@tanstack/react-query";
import { inWords } from "@/api/client";
import type { WriterChange, WriterSettings } from "@/api/types";
import { Choice } from "./Choice";
import { FoundServers } from "./FoundServers";
import { useSaveWriter, writerSettingsQuery } from "./queries";
import { SaveMark } from "./SaveMark";
import styles from "./settings.module.css";
import { Unloaded } from "./Unloaded";
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

function WriterForm({ settings }: { settings: WriterSettings }) {
  const save = useSaveWriter();
  const saving = save.isPending ? save.variables : {};
  const provider = saving.provider ?? settings.provider;
  const errorOf = (field: keyof WriterChange) =>
    save.error && save.variables && field in save.variables ? inWords(save.error) : null;
  return (
    <div className={styles.form}>
      <SaveMark savedAt={save.isSuccess ? save.submittedAt : null} />
      <Choice
        legend="Who writes"
        name="writer"
        value={provider}
        options={PROVIDERS}
        error={errorOf("provider")}
        onChange={(chosen) => save.mutate({ provider: chosen })}
      />
      <FoundServers
        inUse={provider === "openai" ? settings.base_url : null}
        onUse={({ base_url, models }) =>
          save.mutate({ provider: "openai", base_url, model: models[0] ?? null })
        }
      />
      {provider === "openai" && (
        <WriterConnection settings={settings} errorOf={errorOf} onSave={save.mutate} />
      )}
    </div>
  );
}
