import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { inWords } from "@/api/client";
import type { Engine } from "@/api/types";
import { Button } from "@/components/Button";
import styles from "./ChosenVoice.module.css";
import { ListenButton } from "./ListenButton";
import { languageName } from "./languages";
import { ownVoicesQuery } from "./queries";
import { usePreview } from "./usePreview";
import { type OfferedVoices, useVoices } from "./useVoices";

interface ChosenVoiceProps {
  engine: Engine;
  /** The voice that is set; "" is the engine's own choice. */
  value: string;
  speed: number;
  disabled: boolean;
  error: string | null;
  /** Takes the focus: somebody comes back from the list of voices. */
  isReturn: boolean;
  onBrowse: () => void;
}

/** Who reads, to hear, and the way to all the others. */
export function ChosenVoice(props: ChosenVoiceProps) {
  const { engine, value, speed, disabled, error, isReturn, onBrowse } = props;
  const offered = useVoices(engine, value);
  const preview = usePreview();
  const { chosen } = offered;
  const problem = error ?? preview.problem?.message;
  return (
    <div className={styles.voice} data-disabled={disabled || undefined}>
      <div className={styles.about} data-alone={chosen === null || undefined}>
        <Said offered={offered} engine={engine} value={value} />
      </div>
      {chosen && (
        <ListenButton
          voice={chosen.name}
          state={preview.heard?.state ?? "silent"}
          disabled={disabled}
          onClick={() =>
            preview.toggle(chosen.id, { engine: engine.name, voice: chosen.id, speed })
          }
        />
      )}
      {offered.error ? (
        <Button onClick={offered.retry}>Try again</Button>
      ) : (
        <Button
          className={styles.browse}
          disabled={disabled || offered.voices === null}
          autoFocus={isReturn}
          onClick={onBrowse}
        >
          {offered.isGone ? "Choose a voice" : "All voices"}
          <ChevronRight size={16} aria-hidden />
        </Button>
      )}
      {problem && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

interface SaidProps {
  offered: OfferedVoices;
  engine: Engine;
  value: string;
}

function Said({ offered: { chosen, error, isGone }, engine, value }: SaidProps) {
  if (chosen) {
    const about = [languageName(chosen.language), chosen.description];
    return (
      <>
        <p className={styles.name}>{chosen.name}</p>
        <p className={styles.hint}>{about.filter(Boolean).join(" · ")}</p>
      </>
    );
  }
  if (isGone) return <Gone engine={engine} voice={value} />;
  if (error) return <p className={styles.warning}>{inWords(error)}</p>;
  return <p className={styles.hint}>Asking {engine.label} for its voices…</p>;
}

/** Why a voice cannot read any more. Of one that somebody made and deleted, no name is left. */
function Gone({ engine, voice }: { engine: Engine; voice: string }) {
  const made = engine.cloning !== null;
  const own = useQuery({ ...ownVoicesQuery, enabled: made });
  const name = own.data?.find(({ id }) => id === voice)?.name;
  if (made && own.isPending) return null;
  return (
    <>
      <p className={styles.name}>{made && !name ? "A deleted voice" : (name ?? voice)}</p>
      <p className={styles.warning}>
        {made && !name
          ? "The voice that was to read has been deleted."
          : `${engine.label} does not offer this voice any more.`}{" "}
        Choose another one to be read to.
      </p>
    </>
  );
}
