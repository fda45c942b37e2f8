import type { RefObject } from "react";
import { Field } from "@/components/Field";
import { languageName } from "./languages";

interface VoiceFieldProps {
  value: string;
  error: string | null;
  disabled?: boolean;
  onChange: (value: string) => void;
}

interface NameFieldProps extends VoiceFieldProps {
  inputRef?: RefObject<HTMLInputElement | null>;
}

/** What a voice is called. */
export function NameField({ value, error, disabled, onChange, inputRef }: NameFieldProps) {
  return (
    <Field label="Name" error={error}>
      {(wiring) => (
        <input
          {...wiring}
          ref={inputRef}
          value={value}
          maxLength={80}
          autoComplete="off"
          disabled={disabled}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

interface LanguageFieldProps extends VoiceFieldProps {
  /** BCP 47 tags of what the engine can read. */
  languages: readonly string[];
}

/** What a voice reads; nothing where the engine reads one language only. */
export function LanguageField(props: LanguageFieldProps) {
  const { languages, value, error, disabled, onChange } = props;
  if (languages.length < 2) return null;
  // A voice may have a tag with a region, which is none of the engine's own.
  const tags = languages.includes(value) ? languages : [...languages, value];
  return (
    <Field label="Reads" error={error}>
      {(wiring) => (
        <select
          {...wiring}
          value={value}
          disabled={disabled}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {byName(tags).map(([tag, words]) => (
            <option key={tag} value={tag}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function byName(tags: readonly string[]): [tag: string, words: string][] {
  const named = tags.map((tag): [string, string] => [tag, languageName(tag) ?? tag]);
  return named.toSorted(([, a], [, b]) => a.localeCompare(b, "en"));
}
