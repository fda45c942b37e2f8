import { cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Playback } from "../store/narrationStore";
import { NotedNarration } from "./hooks.fixture";
import { useListeningPosition } from "./useListeningPosition";

let saved: { path: string; init: RequestInit }[];
let narration: NotedNarration;

beforeEach(() => {
  vi.useFakeTimers();
  saved = [];
  narration = new NotedNarration();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const fetch = (path: string, init: RequestInit) => {
  saved.push({ path, init });
  return Promise.reject(new TypeError("offline"));
};

function listen(playback: Playback, sceneId: number | null = 7) {
  return renderHook(
    (state: { playback: Playback; sceneId: number | null }) => {
      useListeningPosition(narration, state, fetch);
    },
    { initialProps: { playback, sceneId } },
  );
}

const positions = () => saved.map(({ init }) => JSON.parse(String(init.body)));

function moveTo(position: number, sentence: number): void {
  narration.position = position;
  narration.sentence = sentence;
}

test("is saved every five seconds while it changes", () => {
  listen("playing");
  moveTo(120_000.7, 3);
  vi.advanceTimersByTime(5000);
  vi.advanceTimersByTime(5000);
  moveTo(240_000, 6);
  vi.advanceTimersByTime(5000);
  expect(positions()).toEqual([
    { sample: 120_001, sentence: 3 },
    { sample: 240_000, sentence: 6 },
  ]);
  expect(saved[0]).toMatchObject({
    path: "/api/scenes/7/position",
    init: { method: "PUT", keepalive: true },
  });
});

test("is saved at a pause, and when the page is left or hidden", () => {
  const { rerender } = listen("playing");
  moveTo(1000, 0);
  rerender({ playback: "paused", sceneId: 7 });
  rerender({ playback: "playing", sceneId: 7 });
  moveTo(2000, 0);
  window.dispatchEvent(new Event("pagehide"));
  moveTo(3000, 1);
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  document.dispatchEvent(new Event("visibilitychange"));
  vi.restoreAllMocks();
  moveTo(4000, 1);
  cleanup();
  expect(positions().map(({ sample }) => sample)).toEqual([1000, 2000, 3000, 4000]);
});

test("of a scene that was not heard is left as it is", () => {
  const { unmount } = listen("paused");
  moveTo(1000, 0);
  vi.advanceTimersByTime(20_000);
  unmount();
  expect(saved).toEqual([]);
});

test("of a scene that is not saved yet has no place", () => {
  listen("playing", null);
  moveTo(1000, 0);
  vi.advanceTimersByTime(20_000);
  expect(saved).toEqual([]);
});
