import type { NarrationError, NarrationState } from "../store/narrationStore";
import type { NarrationSession } from "../transport/session";
import { type ListeningControls, PlayerBar } from "./PlayerBar";
import { FollowChip, NarrationAnnouncer, UnlockBanner } from "./PlayerNotices";
import { isPresent } from "./stages";
import type { Follow } from "./useFollow";

interface PlayerDockProps {
  session: NarrationSession;
  state: NarrationState;
  controls: ListeningControls;
  follow: Follow;
}

/** Everything at the foot of the page that belongs to the voice. */
export function PlayerDock({ session, state, controls, follow }: PlayerDockProps) {
  const { playback } = state;
  const hasPlace = playback === "playing" || playback === "paused" || playback === "buffering";
  return (
    <>
      <NarrationAnnouncer state={state} />
      {hasPlace && !follow.following && <FollowChip onFollow={follow.resume} />}
      {playback === "locked" && (
        <UnlockBanner problem={soundProblem(state.error)} onUnlock={() => session.unlock()} />
      )}
      {isPresent(state) && <PlayerBar session={session} state={state} controls={controls} />}
    </>
  );
}

function soundProblem(error: NarrationError | null): string | null {
  return error?.code === "audio_unavailable" ? error.message : null;
}
