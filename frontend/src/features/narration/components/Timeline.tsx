import { type KeyboardEvent, type PointerEvent, type Ref, useState } from "react";
import type { SentenceState } from "../store/narrationStore";
import styles from "./Timeline.module.css";

interface TimelineProps {
  /** Its `--heard` property is how much of the current sentence has been heard, in percent. */
  ref: Ref<HTMLDivElement>;
  sentences: readonly SentenceState[];
  /** Index of the sentence that is heard now; -1 before the first. */
  current: number;
  /** More sentences may come. */
  open: boolean;
  onSeek: (index: number) => void;
}

/** Beyond this many sentences the gaps between them would eat the line. */
const MANY = 60;

/** The narration as a line of sentences, each as long as it sounds. */
export function Timeline({ ref, sentences, current, open, onSeek }: TimelineProps) {
  const [hovered, setHovered] = useState<{ index: number; x: number } | null>(null);
  const last = sentences.length - 1;
  const at = Math.min(Math.max(current, 0), Math.max(last, 0));
  const shown = hovered && sentences[hovered.index];

  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const index = sentenceUnder(event.target);
    if (event.pointerType === "touch" || index === null) return setHovered(null);
    setHovered({ index, x: event.clientX - event.currentTarget.getBoundingClientRect().left });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const target = seekTarget(event.key, at, last);
    if (target === null) return;
    event.preventDefault();
    event.stopPropagation();
    onSeek(target);
  };
  return (
    <div className={styles.frame}>
      <div
        ref={ref}
        role="slider"
        tabIndex={sentences.length > 0 ? 0 : -1}
        aria-label="Sentence"
        aria-valuemin={1}
        aria-valuemax={Math.max(sentences.length, 1)}
        aria-valuenow={at + 1}
        aria-valuetext={valueText(sentences, at)}
        className={styles.line}
        data-many={sentences.length > MANY || undefined}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setHovered(null)}
        onClick={(event) => {
          const index = sentenceUnder(event.target);
          if (index !== null) onSeek(index);
        }}
        onKeyDown={onKeyDown}
      >
        {sentences.map((sentence, index) => (
          <span
            key={sentence.index}
            className={styles.sentence}
            data-index={index}
            data-state={stateOf(sentence, index, current)}
            style={{ flexGrow: Math.max(sentence.samples, 1) }}
          />
        ))}
        {open && <span className={styles.ahead} />}
        {sentences.length === 0 && !open && <span className={styles.sentence} />}
      </div>
      {hovered && shown && (
        <div className={styles.tip} style={{ left: hovered.x }} aria-hidden>
          {shown.text.trim()}
          {shown.status === "failed" && <em> Could not be read aloud.</em>}
        </div>
      )}
    </div>
  );
}

function stateOf(sentence: SentenceState, index: number, current: number): string {
  if (sentence.status === "failed" || sentence.status === "skipped") return sentence.status;
  if (index < current) return "heard";
  if (index === current) return "now";
  return sentence.status === "speaking" ? "speaking" : "ready";
}

function sentenceUnder(target: EventTarget): number | null {
  const index = (target as HTMLElement).dataset.index;
  return index === undefined ? null : Number(index);
}

function seekTarget(key: string, at: number, last: number): number | null {
  const target = {
    ArrowLeft: at - 1,
    ArrowDown: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at + 1,
    Home: 0,
    End: last,
  }[key];
  return target === undefined ? null : Math.min(Math.max(target, 0), Math.max(last, 0));
}

function valueText(sentences: readonly SentenceState[], at: number): string {
  const sentence = sentences[at];
  if (!sentence) return "No sentence yet";
  const silent = sentence.status === "failed" ? ", could not be read aloud" : "";
  return `${at + 1} of ${sentences.length}${silent}`;
}
