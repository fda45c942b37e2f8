import { Check, Pencil, Star, Trash2 } from "lucide-react";
import { memo, type ReactNode } from "react";
import type { Voice } from "@/api/types";
import { IconButton } from "@/components/Button";
import { ListenButton, type PreviewState } from "./ListenButton";
import { languageName } from "./languages";
import styles from "./VoiceList.module.css";

/** What can be done with a voice. */
export type VoiceAction = "choose" | "listen" | "star" | "edit" | "delete";

interface VoiceRowProps {
  voice: Voice;
  /** What is said below its name; "" for nothing. */
  note: string;
  isChosen: boolean;
  isFavorite: boolean;
  /** This user made it: they can edit and delete it. */
  isOwn: boolean;
  /** What edits it, where it is being edited. */
  editor: ReactNode;
  preview: PreviewState;
  problem: string | null;
  /** Which of its buttons the Tab key reaches; null: none. */
  tabStop: VoiceAction | null;
  onAction: (voice: string, action: VoiceAction) => void;
}

/** One voice: to choose, to hear, to keep among the favorites. */
export const VoiceRow = memo(function VoiceRow(props: VoiceRowProps) {
  const { voice, note, isChosen, isFavorite, isOwn, editor, preview, problem, tabStop, onAction } =
    props;
  const button = (action: VoiceAction) => ({
    "data-action": action,
    tabIndex: tabStop === action ? 0 : -1,
    onClick: () => onAction(voice.id, action),
  });
  return (
    <div className={styles.row} data-voice={voice.id} data-own={isOwn || undefined}>
      {/* biome-ignore lint/a11y/useSemanticElements: an input of its own would take the arrow keys, which lead to the other buttons too. */}
      <button
        type="button"
        role="radio"
        aria-checked={isChosen}
        aria-label={spoken(voice)}
        className={styles.choose}
        {...button("choose")}
      >
        <Check size={16} className={styles.check} aria-hidden />
        <span className={styles.name}>{voice.name}</span>
        {note && <span className={styles.note}>{note}</span>}
      </button>
      <ListenButton voice={voice.name} state={preview} {...button("listen")} />
      <IconButton
        label={`${voice.name} is a favorite`}
        title={isFavorite ? "Remove from favorites" : "Add to favorites"}
        aria-pressed={isFavorite}
        className={styles.star}
        {...button("star")}
      >
        <Star size={16} aria-hidden />
      </IconButton>
      {isOwn && (
        <>
          <IconButton
            label={`Edit ${voice.name}`}
            aria-expanded={Boolean(editor)}
            {...button("edit")}
          >
            <Pencil size={16} aria-hidden />
          </IconButton>
          <IconButton label={`Delete ${voice.name}`} {...button("delete")}>
            <Trash2 size={16} aria-hidden />
          </IconButton>
        </>
      )}
      {problem && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
      {editor}
    </div>
  );
});

function spoken({ name, language, description }: Voice): string {
  return [name, languageName(language), description].filter(Boolean).join(", ");
}
