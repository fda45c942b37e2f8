import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Scene } from "@/api/types";
import { NarratedText } from "@/features/narration/components/NarratedText";
import type { HeardNarration } from "@/features/narration/components/useSpokenMarks";
import { timelineQuery } from "@/features/narration/stored/queries";
import { RestingNarration } from "@/features/narration/stored/restingNarration";

interface SceneTextProps {
  /** Null while the scene is being written. */
  scene: Scene | null;
  /** What is heard of this scene; null while it is only read. */
  heard: HeardNarration | null;
  onSpokenLine: (line: DOMRect) => void;
  /** Reads from a sentence on. Called inside a click or key event. */
  onHearFrom: (sentence: number) => void;
}

/** A scene's text. Where it is narrated, every sentence of it can be the first one heard. */
export function SceneText({ scene, heard, onSpokenLine, onHearFrom }: SceneTextProps) {
  const root = useRef<HTMLDivElement>(null);
  const isNear = useIsNear(root);
  const resting = useResting(scene, heard === null && isNear, onHearFrom);
  return (
    <div ref={root}>
      <NarratedText
        text={heard?.state.text ?? scene?.content ?? ""}
        narration={heard ?? resting}
        onSpokenLine={onSpokenLine}
      />
    </div>
  );
}

/** The narration of a scene that nobody hears; null until its sentences are known. */
function useResting(
  scene: Scene | null,
  isWanted: boolean,
  onHearFrom: (sentence: number) => void,
): HeardNarration | null {
  const { id = 0, content: text = "" } = scene ?? {};
  const isNarrated = scene?.narration?.status === "complete";
  const { data } = useQuery({ ...timelineQuery({ id, text }), enabled: isWanted && isNarrated });
  const latest = useRef(onHearFrom);
  useEffect(() => {
    latest.current = onHearFrom;
  });
  return useMemo(() => {
    if (!data || !isNarrated) return null;
    const hear = (sentence: number) => latest.current(sentence);
    const session = new RestingNarration(id, text, data.sentences, hear);
    return { session, state: session.getSnapshot() };
  }, [data, isNarrated, id, text]);
}

/** Whether an element is on the screen, or was, or nearly. */
function useIsNear(element: { readonly current: HTMLElement | null }): boolean {
  const [isNear, setIsNear] = useState(false);
  useEffect(() => {
    if (isNear || !element.current) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setIsNear(true),
      { rootMargin: "50%" },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element, isNear]);
  return isNear;
}
