import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { inWords } from "@/api/client";
import type { WriterChange, WriterSettings } from "@/api/types";
import { Field } from "@/components/Field";
import { Group } from "@/components/Group";
import { ApiKey } from "./ApiKey";
import { DraftInput } from "./DraftInput";
import { NumberField } from "./NumberField";
import { modelsQuery } from "./queries";
import styles from "./settings.module.css";
import { WriterTest } from "./WriterTest";

interface WriterConnectionProps {
  settings: WriterSettings;
  /** It does not write yet: something is missing. */
  waits: boolean;
  errorOf: (field: keyof WriterChange) => string | null;
  onSave: (change: WriterChange) => Promise<boolean>;
}

/** Where the language model is, which one it is, and how it writes. */
export function WriterConnection({ settings, waits, errorOf, onSave }: WriterConnectionProps) {
  const list = useId();
  const address = settings.base_url ?? "";
  const models = useQuery({ ...modelsQuery(address), enabled: address !== "" });
  const silence = address && models.isError ? inWords(models.error) : null;
  return (
    <Group
      title="Language model"
      hint={
        waits && "Until it has an address and a model, the built-in storyteller goes on writing."
      }
    >
      <Field
        label="Address"
        hint="Ends in /v1 on most servers."
        error={errorOf("base_url") ?? silence}
      >
        {(wiring) => (
          <DraftInput
            {...wiring}
            type="url"
            inputMode="url"
            placeholder="http://localhost:11434/v1"
            spellCheck={false}
            value={address}
            onCommit={(base_url) => onSave({ base_url: base_url || null })}
          />
        )}
      </Field>
      <div className={styles.columns}>
        <Field label="Model" error={errorOf("model")}>
          {(wiring) => (
            <>
              <DraftInput
                {...wiring}
                list={list}
                placeholder={models.data?.models[0] ?? "Name of the model"}
                spellCheck={false}
                value={settings.model ?? ""}
                onCommit={(model) => onSave({ model: model || null })}
              />
              <datalist id={list}>
                {models.data?.models.map((model) => (
                  <option key={model} value={model} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        <ApiKey
          saved={settings.has_api_key}
          error={errorOf("api_key")}
          onSave={(api_key) => onSave({ api_key })}
        />
      </div>
      <NumberField
        label="Longest scene"
        hint="Where the model is stopped."
        unit="tokens"
        min={50}
        max={8000}
        step={50}
        value={settings.max_tokens}
        error={errorOf("max_tokens")}
        onSave={(max_tokens) => onSave({ max_tokens })}
      />
      <NumberField
        label="Temperature"
        hint="How much chance is in the words."
        min={0}
        max={2}
        step={0.1}
        value={settings.temperature}
        error={errorOf("temperature")}
        onSave={(temperature) => onSave({ temperature })}
      />
      <WriterTest baseUrl={address} model={settings.model ?? ""} />
    </Group>
  );
}
