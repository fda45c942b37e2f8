import { inWords } from "@/api/client";
import { PROMPT_LIMIT, type Story, type StoryChange, TITLE_LIMIT } from "@/api/types";
import { note, problem } from "@/components/toasts";
import { EditableText } from "./EditableText";
import { lengthInWords } from "./length";
import { useChangeStory } from "./queries";
import styles from "./StoryHeading.module.css";

interface StoryHeadingProps {
  story: Story;
  onPronunciation: () => void;
}

/** A story's title and premise, changed in place. */
export function StoryHeading({ story, onPronunciation }: StoryHeadingProps) {
  const change = useChangeStory(story.id);
  const save = (changed: StoryChange) =>
    change.mutate(changed, {
      onSuccess: () => note("Saved."),
      onError: (error) => problem(`Not saved. ${inWords(error)}`),
    });
  const shown = { ...story, ...(change.isPending ? change.variables : {}) };
  return (
    <header className={styles.header}>
      <h1 className="visually-hidden">{shown.title}</h1>
      <EditableText
        label="Story title"
        className={styles.title}
        value={shown.title}
        placeholder="Untitled story"
        maxLength={TITLE_LIMIT}
        required
        onSave={(title) => save({ title })}
      />
      <EditableText
        label="Premise"
        className={styles.premise}
        value={shown.premise}
        placeholder="What is it about?"
        maxLength={PROMPT_LIMIT}
        onSave={(premise) => save({ premise })}
      />
      <p className={styles.length}>
        {story.word_count > 0 && <span>{lengthInWords(story.word_count)}</span>}
        <button type="button" className={styles.pronunciation} onClick={onPronunciation}>
          Pronunciation
        </button>
      </p>
    </header>
  );
}
