import { type KeyboardEvent, type MouseEvent, useRef } from "react";
import type { SentenceState } from "../store/narrationStore";
import { NarratedParagraph } from "./NarratedParagraph";
import styles from "./NarratedText.module.css";
import { layOut } from "./paragraphs";
import { isBeingWritten, isUnderway } from "./stages";
import { type HeardNarration, useSpokenMarks } from "./useSpokenMarks";

interface NarratedTextProps {
  text: string;
  /** The narration of this text; null for text that is only read. */
  narration: HeardNarration | null;
  /** Called with the place of the words being spoken, whenever they change. */
  onSpokenLine?: (line: DOMRect) => void;
}

const NO_SENTENCES: readonly SentenceState[] = [];

/**
 * A scene's text, with the words lit up as they are spoken.
 *
 * Browsers with the CSS Custom Highlight API mark it without a render; the others get the same marks by wrapping.
 */
export function NarratedText({ text, narration, onSpokenLine }: NarratedTextProps) {
  const root = useRef<HTMLDivElement>(null);
  const sentences = narration?.state.sentences ?? NO_SENTENCES;
  const { wrapped, begun } = useSpokenMarks(root, narration, onSpokenLine);
  const writing = narration !== null && isBeingWritten(narration.state);
  const dimmed = narration !== null && begun && isUnderway(narration.state);
  const hearable = narration !== null && sentences.length > 0;
  const paragraphs = layOut(text, sentences);
  const interaction = hearable
    ? { tabIndex: 0, ...listeningKeys((sentence) => narration.session.seekToSentence(sentence)) }
    : {};

  return (
    // biome-ignore lint/a11y/useSemanticElements: prose is no fieldset; the group only names its keys.
    <div
      ref={root}
      role="group"
      aria-label={
        hearable
          ? "Scene text. Up and down choose a sentence, Enter reads from there."
          : "Scene text"
      }
      className={styles.text}
      data-dimmed={dimmed || undefined}
      data-hearable={hearable || undefined}
      {...interaction}
    >
      {paragraphs.map((paragraph, i) => (
        <NarratedParagraph
          key={paragraph.start}
          text={text.slice(paragraph.start, paragraph.end)}
          start={paragraph.start}
          fragments={paragraph.fragments}
          failed={failedIn(sentences, paragraph.fragments)}
          marks={wrapped}
          writing={writing && i === paragraphs.length - 1}
        />
      ))}
      {writing && paragraphs.length === 0 && (
        <p>
          <span className={styles.caret} aria-hidden />
          &nbsp;
        </p>
      )}
    </div>
  );
}

/** Mouse and keyboard in the text; `hearFrom` is called with the sentence to read from. */
function listeningKeys(hearFrom: (sentence: number) => void) {
  const hear = (element: Element | null) => {
    const sentence = element?.closest<HTMLElement>("[data-sentence]")?.dataset.sentence;
    if (sentence !== undefined) hearFrom(Number(sentence));
  };
  const onClick = (event: MouseEvent<HTMLDivElement>) => {
    // Somebody who marks text to copy it did not mean to move the voice.
    if (window.getSelection()?.isCollapsed ?? true) hear(event.target as Element);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.key === "Enter") hear(document.activeElement);
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    focusNeighbor(event.currentTarget, event.key === "ArrowDown" ? 1 : -1);
  };
  return { onClick, onKeyDown };
}

function failedIn(
  sentences: readonly SentenceState[],
  fragments: readonly { sentence: number | null }[],
): string {
  return fragments
    .map(({ sentence }) => sentence)
    .filter((index) => index !== null && sentences[index]?.status === "failed")
    .join();
}

function focusNeighbor(root: HTMLElement, step: 1 | -1): void {
  const fragments = [...root.querySelectorAll<HTMLElement>("[data-sentence]")];
  const at = fragments.indexOf(document.activeElement as HTMLElement);
  const next = at < 0 ? (step > 0 ? 0 : fragments.length - 1) : at + step;
  fragments[next]?.focus();
}
