import { inWords } from "@/api/client";
import type { VoiceChange, VoiceSettings } from "@/api/types";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { Group } from "@/components/Group";
import { ApiKey } from "./ApiKey";
import { DraftInput } from "./DraftInput";
import { NumberField } from "./NumberField";
import { useTestSpeech } from "./queries";
import styles from "./settings.module.css";

interface SpeechServerProps {
  /** The engine that needs it; chosen together with the first address. */
  engine: string;
  settings: VoiceSettings;
  disabled: boolean;
  errorOf: (field: keyof VoiceChange) => string | null;
  onSave: (change: VoiceChange) => Promise<boolean>;
}

/** The formats that a server can be asked for; the first one loses nothing and is heard soonest. */
const FORMATS = ["pcm", "wav", "mp3", "opus", "flac", "aac"] as const;

/** Where the speech server is, which of its models speaks, and how it is asked. */
export function SpeechServer(props: SpeechServerProps) {
  const { engine, settings, disabled, errorOf, onSave } = props;
  const { tts_extra_params: params } = settings;
  const set = (name: string, value: string) =>
    onSave({ tts_extra_params: withParam(params, name, value) });
  return (
    <Group title="Speech server">
      <Field
        label="Address"
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
              value={textOf(params.model)}
              onCommit={(name) => set("model", name)}
            />
          )}
        </Field>
        <ApiKey
          saved={settings.has_api_key}
          disabled={disabled}
          error={errorOf("tts_api_key")}
          onSave={(tts_api_key) => onSave({ tts_api_key })}
        />
      </div>
      <Field
        label="Sound format"
        hint="Automatic asks for the one that is heard soonest."
        layout="row"
      >
        {(wiring) => (
          <select
            {...wiring}
            disabled={disabled}
            value={textOf(params.response_format)}
            onChange={(event) => void set("response_format", event.currentTarget.value)}
          >
            <option value="">Automatic</option>
            {FORMATS.map((format) => (
              <option key={format} value={format}>
                {format.toUpperCase()}
              </option>
            ))}
          </select>
        )}
      </Field>
      <NumberField
        label="Patience"
        hint="How long to wait for its next sound."
        unit="seconds"
        min={5}
        max={120}
        step={5}
        value={settings.tts_timeout}
        disabled={disabled}
        error={errorOf("tts_timeout")}
        onSave={(tts_timeout) => onSave({ tts_timeout })}
      />
      <SpeechTest disabled={disabled || !settings.tts_api_url} />
    </Group>
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
            It spoke after {Math.round(test.data.latency_ms).toLocaleString("en")} ms, as{" "}
            {test.data.voice}.
          </span>
        )}
        {test.isError && <span className={styles.error}>{inWords(test.error)}</span>}
      </p>
    </div>
  );
}

function textOf(param: unknown): string {
  return typeof param === "string" ? param : "";
}

function withParam(params: Readonly<Record<string, unknown>>, name: string, value: string) {
  const { [name]: _before, ...others } = params;
  return value ? { ...others, [name]: value } : others;
}
