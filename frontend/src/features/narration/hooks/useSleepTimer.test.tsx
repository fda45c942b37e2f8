import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Playback } from "../store/narrationStore";
import { NotedNarration } from "./hooks.fixture";
import { useSleepTimer } from "./useSleepTimer";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

function timer(narration = new NotedNarration()) {
  const hook = renderHook(
    ({ narration, playback }: { narration: NotedNarration; playback: Playback }) =>
      useSleepTimer(narration, { playback }),
    { initialProps: { narration, playback: "playing" } },
  );
  return { ...hook, narration, now: () => hook.result.current };
}

const MINUTE = 60_000;

test("lets the sentence be finished when the time has come, and no scene follow", () => {
  const { now, narration, rerender } = timer();
  act(() => now().sleepAfter(15));
  act(() => void vi.advanceTimersByTime(15 * MINUTE - 1));
  expect(narration.done).toEqual([]);
  expect(now().mayContinue()).toBe(true);
  act(() => void vi.advanceTimersByTime(1));
  expect(narration.done).toEqual(["pauseAfterSentence"]);
  expect(now().sleep.type).toBe("due");
  expect(now().mayContinue()).toBe(false);
  rerender({ narration, playback: "paused" });
  expect(now().sleep.type).toBe("off");
  expect(now().mayContinue()).toBe(true);
});

test("goes on counting when another scene begins", () => {
  const { now, rerender } = timer();
  act(() => now().sleepAfter(30));
  act(() => void vi.advanceTimersByTime(20 * MINUTE));
  const next = new NotedNarration();
  rerender({ narration: next, playback: "playing" });
  act(() => void vi.advanceTimersByTime(10 * MINUTE));
  expect(next.done).toEqual(["pauseAfterSentence"]);
});

test("at the end of the scene lets no other follow, once", () => {
  const { now, narration, rerender } = timer();
  act(() => now().sleepAtSceneEnd());
  expect(now().mayContinue()).toBe(false);
  rerender({ narration, playback: "ended" });
  expect(now().sleep.type).toBe("off");
  expect(now().mayContinue()).toBe(true);
});

test("can be called off", () => {
  const { now, narration } = timer();
  act(() => now().sleepAfter(15));
  act(() => now().stayAwake());
  act(() => void vi.advanceTimersByTime(60 * MINUTE));
  expect(narration.done).toEqual([]);
});
