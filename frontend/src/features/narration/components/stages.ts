/** What stage a narration is at, as the page's parts need to know it. */

import type { NarrationState } from "../store/narrationStore";

/** Text is still coming, or will when the connection is back. */
export function isBeingWritten({ phase }: Pick<NarrationState, "phase">): boolean {
  return phase === "connecting" || phase === "generating" || phase === "reconnecting";
}

/** From the first word to the end of the sound: what is not yet spoken is then a shade lighter. */
export function isUnderway(state: NarrationState): boolean {
  if (state.playback === "ended") return false;
  return state.playback !== "idle" || isBeingWritten(state);
}

/** Held still after the text is complete, as a narration that was found and not begun. */
export function isAtRest(state: NarrationState): boolean {
  return state.playback === "paused" && !isBeingWritten(state);
}

/** Anything can be heard. */
export function hasSound({ sentences }: NarrationState): boolean {
  return sentences.some((sentence) => sentence.samples > 0);
}

/** The player has a reason to be on the page: something to hear, or somebody who waits for it. */
export function isPresent(state: NarrationState): boolean {
  const { phase, playback } = state;
  const isAwaited = phase !== "failed" && (playback === "buffering" || playback === "paused");
  return isBeingWritten(state) || hasSound(state) || isAwaited;
}
