import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { useNarrationCursor } from "../hooks/useNarrationCursor";
import type { Cursor } from "../store/cursor";
import type { NarrationState } from "../store/narrationStore";
import type { Narration } from "../transport/narration";
import { canMark, clearMarks, type Marks, showMarks, stretchRange } from "./marks";
import { isAtRest, isUnderway } from "./stages";

/** A narration with its state as it was last rendered. */
export interface HeardNarration {
  session: Narration;
  state: NarrationState;
}

interface SpokenMarks {
  /** The marks that must be drawn by wrapping; null where the browser marks by itself. */
  wrapped: Marks | null;
  /** Somebody has listened, or is about to. */
  begun: boolean;
}

const NOTHING: Marks = { spokenTo: 0, sentence: null, word: null };

/** Marks the words in `root` as they are spoken, and tells where on the screen they are. */
export function useSpokenMarks(
  root: RefObject<HTMLDivElement | null>,
  narration: HeardNarration | null,
  onSpokenLine: ((line: DOMRect) => void) | undefined,
): SpokenMarks {
  const [byWrapping] = useState(() => !canMark());
  const [marks, setMarks] = useState(NOTHING);
  const [moved, setMoved] = useState(false);
  const latest = useRef({ narration, onSpokenLine });
  useEffect(() => {
    latest.current = { narration, onSpokenLine };
  });

  const paint = useCallback(
    (cursor: Cursor) => {
      const { narration, onSpokenLine } = latest.current;
      if (!narration || !root.current || isUntouched(narration.state, cursor)) return;
      setMoved(true);
      const next = marksAt(narration.state, cursor);
      if (byWrapping) setMarks(next);
      else showMarks(root.current, next);
      const spoken = next.word ?? next.sentence;
      const line = spoken && stretchRange(root.current, spoken)?.getBoundingClientRect();
      if (line) onSpokenLine?.(line);
    },
    [byWrapping, root],
  );
  const over = narration === null || !isUnderway(narration.state);
  useNarrationCursor(over ? null : narration.session, paint);

  useEffect(() => {
    if (!over && !byWrapping) return clearMarks;
  }, [over, byWrapping]);

  const begun = narration !== null && (moved || !isAtRest(narration.state));
  return { wrapped: byWrapping && !over ? marks : null, begun };
}

/** Held at the very beginning: nothing is being spoken yet. */
function isUntouched(state: NarrationState, cursor: Cursor): boolean {
  return cursor.position === 0 && isAtRest(state);
}

/** What is marked when the voice is at `cursor`. */
export function marksAt(state: NarrationState, cursor: { sentence: number; word: number }): Marks {
  const sentence = state.sentences[cursor.sentence];
  if (!sentence) return NOTHING;
  const word = sentence.words[cursor.word];
  return {
    spokenTo: sentence.charEnd,
    sentence: { start: sentence.charStart, end: sentence.charEnd },
    word: word ? { start: sentence.charStart + word.c0, end: sentence.charStart + word.c1 } : null,
  };
}
