import { persist } from "zustand/middleware";
import { createStore } from "zustand/vanilla";

/** The largest shift of the highlight, either way. Bluetooth headphones lag by 150 to 300 ms. */
export const MAX_HIGHLIGHT_DELAY_MS = 500;

interface DevicePlayback {
  /** Ask the device for the larger sound buffer. */
  robustAudio: boolean;
  /** Play finished scenes as media, which phones let play on when their screen is locked. */
  throughLock: boolean;
  /** How much later the highlight comes than the device says that the word is heard; negative: sooner. */
  highlightDelayMs: number;
  setRobustAudio(robustAudio: boolean): void;
  setThroughLock(throughLock: boolean): void;
  setHighlightDelayMs(highlightDelayMs: number): void;
}

/** How this device plays; it is kept here, since every device has loudspeakers of its own. */
export const devicePlayback = createStore<DevicePlayback>()(
  persist(
    (set) => ({
      robustAudio: true,
      throughLock: false,
      highlightDelayMs: 0,
      setRobustAudio: (robustAudio) => set({ robustAudio }),
      setThroughLock: (throughLock) => set({ throughLock }),
      setHighlightDelayMs: (highlightDelayMs) => set({ highlightDelayMs }),
    }),
    { name: "rhapsode.playback" },
  ),
);
