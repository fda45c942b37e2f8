import { inWords } from "@/api/client";
import type { VoiceChange, VoiceSettings } from "@/api/types";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { DraftInput } from "./DraftInput";
import { useTestSpeech } from "./queries";
import styles from "./settings.module.css";

interface SpeechServerProps {
  /** The engine that needs it; chosen together with the first address. */
  engine: string;
  settings: VoiceSettings;
  disabled: boolean;
  errorOf: (field: keyof VoiceChange) => string | null;
  onSave: (change: VoiceChange) => void;
}

/** Where the speech server is, and which of its models speaks. */
export function SpeechServer({ engine, settings, disabled, errorOf, onSave }: SpeechServerProps) {
  const model = settings.tts_extra_params.model;
  return (
    <>
      <Field
        label="Server address"
        hint="Speaks the OpenAI protocol; ends in /v1 on most servers."
        error={errorOf("tts_api_url")}
      >
        {(wiring) => (
          <DraftInput
            {...wiring}
            type="url"
            inputMode="url"
            placeholder="http://localhost:8880/v1"
            spellCheck={false}
            disabled={disabled}
            value={settings.tts_api_url ?? ""}
            onCommit={(url) => onSave({ tts_api_url: url || null, tts_provider_type: engine })}
          />
        )}
      </Field>
      <div className={styles.columns}>
        <Field label="Model" error={errorOf("tts_extra_params")}>
          {(wiring) => (
            <DraftInput
              {...wiring}
              placeholder="tts-1"
              spellCheck={false}
              disabled={disabled}
              value={typeof model === "string" ? model : ""}
              onCommit={(name) =>
                onSave({ tts_extra_params: withModel(settings.tts_extra_params, name) })
              }
            />
          )}
        </Field>
        <Field label="Key" error={errorOf("tts_api_key")}>
          {(wiring) => (
            <DraftInput
              {...wiring}
              type="password"
              autoComplete="off"
              disabled={disabled}
              placeholder={settings.has_api_key ? "Saved, not shown" : "None needed for most"}
              value=""
              onCommit={(tts_api_key) => onSave({ tts_api_key })}
            />
          )}
        </Field>
      </div>
      {settings.has_api_key && (
        <div>
          <Button look="quiet" onClick={() => onSave({ tts_api_key: "" })}>
            Remove the key
          </Button>
        </div>
      )}
      <SpeechTest disabled={disabled || !settings.tts_api_url} />
    </>
  );
}

/** Has the saved server say a few words, and tells how long the first sound took. */
function SpeechTest({ disabled }: { disabled: boolean }) {
  const test = useTestSpeech();
  return (
    <div className={styles.test}>
      <Button
        busy={test.isPending}
        disabled={disabled || test.isPending}
        onClick={() => test.mutate()}
      >
        {test.isPending ? "Asking…" : "Test connection"}
      </Button>
      <p role="status">
        {test.isSuccess && (
          <span className={styles.answer}>
            It spoke after {Math.round(test.data.latency_ms).toLocaleString("en")} ms.
          </span>
        )}
        {test.isError && <span className={styles.error}>{inWords(test.error)}</span>}
      </p>
    </div>
  );
}

function withModel(params: Readonly<Record<string, unknown>>, model: string) {
  const { model: _before, ...others } = params;
  return model ? { ...others, model } : others;
}
