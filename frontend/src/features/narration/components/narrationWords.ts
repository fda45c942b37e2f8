/** What the player says about itself, in words. */

import type { NarrationState } from "../store/narrationStore";
import { hasSound } from "./stages";

/** The short line above the timeline. */
export function statusWords(state: NarrationState): string {
  const { phase, playback } = state;
  if (playback === "locked") return "Click to hear";
  if (phase === "reconnecting") {
    return playback === "playing" ? "Reconnecting, still playing..." : "Reconnecting...";
  }
  if (playback === "playing") return "Playing narration...";
  if (playback === "paused") return "Paused";
  if (playback === "ended") return endWords(state);
  if (phase === "failed") return "The scene broke off";
  if (phase === "stopped") return "Stopped";
  if (phase === "complete" && playback === "idle") return "Ready to play";
  if (state.text === "") return "Waiting for the first words...";
  return state.bufferedSamples === 0 && !hasSound(state)
    ? "Preparing the voice..."
    : "Waiting for the voice...";
}

function endWords({ phase }: NarrationState): string {
  if (phase === "stopped") return "Stopped";
  return phase === "failed" ? "The scene broke off" : "End of the scene";
}

/**
 * What a screen reader is told. Changes of state only, never the story's text: the voice reads that, and two voices at
 * once are none.
 */
export function announcement(state: NarrationState): string {
  const { phase, playback } = state;
  if (phase === "failed") return state.error?.message ?? "The scene broke off.";
  if (playback === "locked")
    return "The browser holds the sound back. Press the button Click to hear.";
  if (phase === "connecting") return "Generating with audio.";
  if (phase === "reconnecting") return "Reconnecting.";
  if (phase === "stopped") return "Stopped. What was written is kept.";
  if (playback === "paused") return "Paused.";
  if (playback === "ended") return "End of the scene.";
  if (phase === "complete") return "The scene is written.";
  return playback === "playing" ? "Playing narration." : "";
}

/** Samples as a clock shows them: "0:07", "1:02:03". */
export function clock(samples: number, sampleRate: number): string {
  const seconds = Math.max(0, Math.floor(samples / sampleRate));
  const s = String(seconds % 60).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${s}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${s}`;
}

/** How long the narration is, as far as it is known. */
export function knownSamples({ totalSamples, sentences }: NarrationState): number {
  if (totalSamples !== null) return totalSamples;
  const last = sentences.at(-1);
  return last ? last.start + last.samples : 0;
}
