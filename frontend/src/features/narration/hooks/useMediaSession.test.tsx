import { cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { IDLE_STATE, type NarrationState } from "../store/narrationStore";
import { NotedNarration } from "./hooks.fixture";
import { useMediaSession } from "./useMediaSession";

/** The browser's media session, of which it shows what is set. */
class ShownSession {
  metadata: { title: string; artist: string } | null = null;
  playbackState = "none";
  position: MediaPositionState | null = null;
  readonly handlers = new Map<string, MediaSessionActionHandler>();

  setActionHandler(action: string, handler: MediaSessionActionHandler | null): void {
    if (action === "stop") throw new TypeError("stop is not known here");
    if (handler) this.handlers.set(action, handler);
    else this.handlers.delete(action);
  }

  setPositionState(position: MediaPositionState | null = null): void {
    this.position = position;
  }

  press(action: MediaSessionAction, details: Partial<MediaSessionActionDetails> = {}): void {
    this.handlers.get(action)?.({ action, ...details });
  }
}

let shown: ShownSession;
let narration: NotedNarration;

beforeEach(() => {
  vi.useFakeTimers();
  shown = new ShownSession();
  narration = new NotedNarration();
  vi.stubGlobal(
    "MediaMetadata",
    class {
      constructor(init: object) {
        Object.assign(this, init);
      }
    },
  );
  Object.defineProperty(navigator, "mediaSession", { value: shown, configurable: true });
});
afterEach(() => {
  cleanup();
  Reflect.deleteProperty(navigator, "mediaSession");
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const STATE: NarrationState = {
  ...IDLE_STATE,
  phase: "complete",
  playback: "playing",
  totalSamples: 480_000,
};
const TITLE = { title: "Scene 3", artist: "The Lamp" };

function show(state: Partial<NarrationState> = {}) {
  return renderHook(
    (change: Partial<NarrationState>) => {
      useMediaSession(narration, { ...STATE, ...change }, TITLE);
    },
    { initialProps: state },
  );
}

test("shows scene, story, state and place", () => {
  narration.position = 120_000;
  const { rerender } = show({ speed: 1.5 });
  expect(shown.metadata).toMatchObject(TITLE);
  expect(shown.playbackState).toBe("playing");
  expect(shown.position).toEqual({ duration: 20, position: 5, playbackRate: 1.5 });
  narration.position = 144_000;
  vi.advanceTimersByTime(1000);
  expect(shown.position?.position).toBe(6);
  rerender({ playback: "paused" });
  expect(shown.playbackState).toBe("paused");
});

test("a narration without an end yet shows no place", () => {
  show({ totalSamples: null });
  expect(shown.position).toBeNull();
});

test("obeys the buttons, also where the browser does not know all of them", () => {
  show();
  narration.position = 240_000;
  for (const action of ["play", "pause", "nexttrack", "previoustrack"] as const)
    shown.press(action);
  shown.press("seekto", { seekTime: 2.5 });
  shown.press("seekforward", {});
  shown.press("seekbackward", { seekOffset: 60 });
  expect(narration.done).toEqual([
    "resume",
    "pause",
    "skipNext",
    "skipPrevious",
    "seekToSample 60000",
    "seekToSample 600000",
    "seekToSample 0",
  ]);
});

test("leaves nothing behind", () => {
  show().unmount();
  expect(shown).toMatchObject({ metadata: null, playbackState: "none", position: null });
  expect(shown.handlers.size).toBe(0);
});

test("is absent while nothing can be heard", () => {
  show({ playback: "idle" });
  expect(shown.metadata).toBeNull();
  expect(shown.handlers.size).toBe(0);
});

test("a browser without one is no error", () => {
  Reflect.deleteProperty(navigator, "mediaSession");
  expect(() => show().unmount()).not.toThrow();
});
