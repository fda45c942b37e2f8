import { memo, type ReactNode } from "react";
import type { Marks, Stretch } from "./marks";
import styles from "./NarratedText.module.css";
import { type Fragment, isOrnament } from "./paragraphs";

interface NarratedParagraphProps {
  text: string;
  /** Offset of `text` in the scene. */
  start: number;
  fragments: readonly Fragment[];
  /** Indexes of this paragraph's sentences that could not be spoken, joined by commas. */
  failed: string;
  /** The marks to draw by wrapping; null where the browser marks by itself. */
  marks: Marks | null;
  /** Shows the caret at the end. */
  writing: boolean;
}

/** One paragraph of a scene. Drawn again only when something in it changed. */
export const NarratedParagraph = memo(function NarratedParagraph(props: NarratedParagraphProps) {
  const { text, start, fragments, failed, marks, writing } = props;
  const silent = failed.split(",");
  return (
    <p dir="auto" className={isOrnament(text) ? styles.ornament : styles.paragraph}>
      {fragments.map((fragment) => {
        const words = text.slice(fragment.start - start, fragment.end - start);
        const sentence = fragment.sentence;
        if (sentence === null) {
          return (
            <span key={fragment.start} data-at={fragment.start}>
              {words}
            </span>
          );
        }
        const isSilent = silent.includes(String(sentence));
        return (
          <span
            key={fragment.start}
            data-at={fragment.start}
            data-sentence={sentence}
            data-failed={isSilent || undefined}
            data-speaking={(marks?.sentence && overlaps(fragment, marks.sentence)) || undefined}
            data-spoken={(marks && fragment.end <= marks.spokenTo) || undefined}
            title={isSilent ? "This sentence could not be read aloud." : undefined}
            tabIndex={-1}
          >
            {marks?.word ? wrapWord(words, fragment, marks.word) : words}
          </span>
        );
      })}
      {writing && <span className={styles.caret} aria-hidden />}
    </p>
  );
}, sameParagraph);

function sameParagraph(before: NarratedParagraphProps, after: NarratedParagraphProps): boolean {
  return (
    before.text === after.text &&
    before.start === after.start &&
    before.failed === after.failed &&
    before.marks === after.marks &&
    before.writing === after.writing &&
    before.fragments.length === after.fragments.length &&
    before.fragments.every((fragment, i) => {
      const other = after.fragments[i];
      return fragment.end === other?.end && fragment.sentence === other.sentence;
    })
  );
}

function overlaps(fragment: Fragment, stretch: Stretch): boolean {
  return fragment.start < stretch.end && stretch.start < fragment.end;
}

function wrapWord(words: string, fragment: Fragment, word: Stretch): ReactNode {
  if (!overlaps(fragment, word)) return words;
  const from = Math.max(word.start - fragment.start, 0);
  const to = word.end - fragment.start;
  return (
    <>
      {words.slice(0, from)}
      <mark className={styles.word}>{words.slice(from, to)}</mark>
      {words.slice(to)}
    </>
  );
}
