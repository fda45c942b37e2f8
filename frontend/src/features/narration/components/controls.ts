import type { NarrationState } from "../store/narrationStore";
import type { Narration } from "../transport/narration";

/** What a press of the play button, or of the space bar, does in this state. */
export type PlayAction = "play" | "pause" | "replay";

/** The one sensible thing to do with the sound now. */
export function playAction({ playback }: Pick<NarrationState, "playback">): PlayAction {
  if (playback === "ended") return "replay";
  return playback === "playing" || playback === "buffering" ? "pause" : "play";
}

/** Play or pause. Must run within a click or a key press, as sound may have to be unlocked. */
export function togglePlayback(
  session: Pick<Narration, "pause" | "resume">,
  state: Pick<NarrationState, "playback">,
): void {
  if (playAction(state) === "pause") session.pause();
  else session.resume();
}
