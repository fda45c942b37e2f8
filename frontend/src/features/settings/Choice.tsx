import { useId } from "react";
import styles from "./Choice.module.css";

interface ChoiceOption<T extends string> {
  value: T;
  label: string;
  description: string;
  /** What it can do, in a few words beside its label. */
  facts?: string;
  disabled?: boolean;
  /** Why it cannot be chosen. */
  warning?: string;
}

interface ChoiceProps<T extends string> {
  legend: string;
  name: string;
  value: T;
  options: readonly ChoiceOption<T>[];
  disabled?: boolean;
  error?: string | null;
  onChange: (value: T) => void;
}

/** One of a few things, each with a line that says what it is. */
export function Choice<T extends string>(props: ChoiceProps<T>) {
  const { legend, name, value, options, disabled = false, error, onChange } = props;
  const id = useId();
  return (
    <fieldset className={styles.choice} disabled={disabled}>
      <legend className={styles.legend}>{legend}</legend>
      <div className={styles.options}>
        {options.map((option) => (
          <label
            key={option.value}
            className={styles.option}
            data-disabled={disabled || option.disabled || undefined}
          >
            <input
              type="radio"
              name={`${name}-${id}`}
              value={option.value}
              checked={option.value === value}
              disabled={option.disabled}
              aria-labelledby={`${id}-${option.value}-label`}
              aria-describedby={`${id}-${option.value}`}
              onChange={() => onChange(option.value)}
            />
            <span className={styles.head}>
              <span id={`${id}-${option.value}-label`} className={styles.label}>
                {option.label}
              </span>
              {option.facts && <span className={styles.facts}>{option.facts}</span>}
            </span>
            <span id={`${id}-${option.value}`} className={styles.description}>
              {option.description}
              {option.warning && (
                <span className={styles.warning}>{inlineCode(option.warning)}</span>
              )}
            </span>
          </label>
        ))}
      </div>
      {error && (
        <p className={styles.error} role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}

/** Text with commands between backticks, as the server writes them, set as commands. */
function inlineCode(text: string) {
  return text
    .split("`")
    .map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part));
}
