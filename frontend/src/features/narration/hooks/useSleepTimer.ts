import { useCallback, useEffect, useRef, useState } from "react";
import type { NarrationState } from "../store/narrationStore";
import type { Narration } from "../transport/narration";

/** The times to choose from, in minutes. */
export const SLEEP_MINUTES = [15, 30, 45, 60] as const;
const MINUTE_MS = 60_000;

/**
 * - `after`: the voice falls silent at the first sentence's end after `atMs` (of `Date.now()`);
 * - `due`: that time has come, the sentence is being finished;
 * - `scene`: the voice falls silent at the scene's end.
 */
export type Sleep =
  | { readonly type: "off" }
  | { readonly type: "after"; readonly minutes: number; readonly atMs: number }
  | { readonly type: "due" }
  | { readonly type: "scene" };

export interface SleepTimer {
  readonly sleep: Sleep;
  readonly sleepAfter: (minutes: number) => void;
  readonly sleepAtSceneEnd: () => void;
  readonly stayAwake: () => void;
  /** Whether another scene may follow. Up to date also between renders. */
  readonly mayContinue: () => boolean;
}

const OFF: Sleep = { type: "off" };

/** Lets the voice fall silent while the listener falls asleep: at the end of a sentence, never within. */
export function useSleepTimer(
  narration: Narration | null,
  { playback }: Pick<NarrationState, "playback">,
): SleepTimer {
  const [sleep, setSleep] = useState(OFF);
  const latest = useRef(OFF);
  const set = useCallback((next: Sleep) => {
    latest.current = next;
    setSleep(next);
  }, []);

  useEffect(() => {
    if (sleep.type !== "after") return;
    const timer = setTimeout(() => {
      set({ type: "due" });
      narration?.pauseAfterSentence();
    }, sleep.atMs - Date.now());
    return () => clearTimeout(timer);
  }, [sleep, narration, set]);

  const sounds = playback === "playing" || playback === "buffering";
  useEffect(() => {
    if (sleep.type === "due" && !sounds) set(OFF);
    if (sleep.type === "scene" && playback === "ended") set(OFF);
  }, [sleep, sounds, playback, set]);

  const sleepAfter = useCallback(
    (minutes: number) => {
      set({ type: "after", minutes, atMs: Date.now() + minutes * MINUTE_MS });
    },
    [set],
  );
  const sleepAtSceneEnd = useCallback(() => set({ type: "scene" }), [set]);
  const stayAwake = useCallback(() => set(OFF), [set]);
  const mayContinue = useCallback(() => {
    return latest.current.type === "off" || latest.current.type === "after";
  }, []);
  return { sleep, sleepAfter, sleepAtSceneEnd, stayAwake, mayContinue };
}
