import type { SleepTimer } from "../hooks/useSleepTimer";
import type { NarrationError, NarrationState } from "../store/narrationStore";
import type { Narration } from "../transport/narration";
import { type ListeningControls, PlayerBar } from "./PlayerBar";
import { FollowChip, NarrationAnnouncer, UnlockBanner } from "./PlayerNotices";
import { isPresent } from "./stages";
import type { Follow } from "./useFollow";

interface PlayerDockProps {
  session: Narration;
  sleepTimer: SleepTimer;
  state: NarrationState;
  controls: ListeningControls;
  follow: Follow;
}

/** Everything at the foot of the page that belongs to the voice. */
export function PlayerDock(props: PlayerDockProps) {
  const { session, state, controls, sleepTimer, follow } = props;
  const { playback } = state;
  const hasPlace = playback === "playing" || playback === "paused" || playback === "buffering";
  return (
    <>
      <NarrationAnnouncer state={state} />
      {hasPlace && !follow.following && <FollowChip onFollow={follow.resume} />}
      {playback === "locked" && (
        <UnlockBanner problem={soundProblem(state.error)} onUnlock={() => session.unlock()} />
      )}
      {isPresent(state) && (
        <PlayerBar session={session} state={state} controls={controls} sleepTimer={sleepTimer} />
      )}
    </>
  );
}

function soundProblem(error: NarrationError | null): string | null {
  return error?.code === "audio_unavailable" ? error.message : null;
}
