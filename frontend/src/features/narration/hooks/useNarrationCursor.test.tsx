import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { devicePlayback } from "../audio/devicePlayback";
import type { Cursor } from "../store/cursor";
import { Script } from "../store/narrative.fixture";
import { DeckOutput, environmentOf, JournalServer } from "../transport/server.fixture";
import { NarrationSession } from "../transport/session";
import { NotedNarration } from "./hooks.fixture";
import { useNarrationCursor } from "./useNarrationCursor";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const FRAME_MS = 20;

test("paints when another sentence or word sounds, and at no other time", async () => {
  const server = new JournalServer(new Script().sentence("One. ", 5).sentence("Two.", 5).events);
  const output = new DeckOutput();
  const address = { sessionId: "s1", websocketUrl: "/ws/s1" };
  const session = new NarrationSession(environmentOf(server, output), 1, address, {
    text: () => undefined,
    complete: () => undefined,
    error: () => undefined,
  });
  session.open();
  await vi.advanceTimersByTimeAsync(0);
  server.release();
  const painted: Cursor[] = [];
  let renders = 0;
  const { unmount } = renderHook(() => {
    renders += 1;
    useNarrationCursor(session, (cursor) => painted.push(cursor));
  });
  for (let i = 0; i < 30; i++) {
    act(() => void output.render(480));
    await vi.advanceTimersByTimeAsync(FRAME_MS);
  }
  expect(painted.map(({ sentence, word }) => [sentence, word])).toEqual([
    [0, 0],
    [1, 0],
  ]);
  expect(renders).toBe(1);
  unmount();
  session.seekToSample(0);
  output.render(480);
  await vi.advanceTimersByTimeAsync(5 * FRAME_MS);
  expect(painted).toHaveLength(2);
  session.dispose();
});

test("does nothing without a session", () => {
  const paint = vi.fn();
  renderHook(() => useNarrationCursor(null, paint));
  vi.advanceTimersByTime(5 * FRAME_MS);
  expect(paint).not.toHaveBeenCalled();
});

test("asks for the place that this device's listener hears, from the moment it is set", () => {
  const asked: (number | undefined)[] = [];
  const narration = new NotedNarration();
  narration.cursor = (_perfNow?: number, delayMs?: number) => {
    asked.push(delayMs);
    return { position: 0, sentence: 0, word: -1 };
  };
  renderHook(() => useNarrationCursor(narration, () => undefined));
  vi.advanceTimersByTime(FRAME_MS);
  devicePlayback.getState().setHighlightDelayMs(200);
  vi.advanceTimersByTime(2 * FRAME_MS);
  devicePlayback.getState().setHighlightDelayMs(0);
  expect(asked[0]).toBe(0);
  expect(asked.at(-1)).toBe(200);
});
