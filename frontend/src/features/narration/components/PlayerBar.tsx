import { Pause, Play, RotateCcw, SkipBack, SkipForward } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { IconButton } from "@/components/Button";
import type { SleepTimer } from "../hooks/useSleepTimer";
import type { NarrationState, SentenceState } from "../store/narrationStore";
import type { Narration } from "../transport/narration";
import { playAction, togglePlayback } from "./controls";
import { MoreControl } from "./MoreControl";
import { clock, knownSamples, statusWords } from "./narrationWords";
import styles from "./PlayerBar.module.css";
import { SleepControl } from "./SleepControl";
import { SpeedControl } from "./SpeedControl";
import { hasSound, isBeingWritten } from "./stages";
import { Timeline } from "./Timeline";
import { TimingsControl } from "./TimingsControl";
import { hasTimings } from "./timingLines";
import { VolumeControl } from "./VolumeControl";

/** What the listener sets once for this scene and those to come. */
export interface ListeningControls {
  setSpeed: (speed: number) => void;
  setVolume: (volume: number) => void;
  setMuted: (muted: boolean) => void;
}

interface PlayerBarProps {
  session: Narration;
  state: NarrationState;
  controls: ListeningControls;
  sleepTimer: SleepTimer;
}

const BEFORE_THE_FIRST = { position: 0, sentence: -1 };

/** How often the clock and the timeline are looked at: no eye sees more on a line this thin. */
const LOOK_MS = 100;

/** The voice's controls, at the foot of the page. */
export function PlayerBar({ session, state, controls, sleepTimer }: PlayerBarProps) {
  const elapsed = useRef<HTMLSpanElement>(null);
  const timeline = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(-1);
  const { sentences, sampleRate } = state;

  useEffect(() => {
    const look = () => {
      const cursor = session.cursor() ?? BEFORE_THE_FIRST;
      setCurrent(cursor.sentence);
      const time = clock(cursor.position, sampleRate);
      if (elapsed.current?.textContent !== time) elapsed.current?.replaceChildren(time);
      const heard = heardOf(sentences[cursor.sentence], cursor.position);
      timeline.current?.style.setProperty("--heard", `${(heard * 100).toFixed(1)}%`);
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [session, sentences, sampleRate]);

  return (
    <section className={styles.bar} aria-label="Player" data-player>
      <div className={styles.inner}>
        <div className={styles.transport}>
          <IconButton label="Previous sentence" onClick={() => session.skipPrevious()}>
            <SkipBack size={20} aria-hidden />
          </IconButton>
          <PlayButton session={session} state={state} />
          <IconButton label="Next sentence" onClick={() => session.skipNext()}>
            <SkipForward size={20} aria-hidden />
          </IconButton>
        </div>
        <div className={styles.middle}>
          <div className={styles.line}>
            <p className={styles.status} data-playing={state.playback === "playing" || undefined}>
              {state.playback === "playing" && <Pulse />}
              <span>{statusWords(state)}</span>
            </p>
            <p className={styles.time}>
              {/* Filled in by the clock above, ten times a second and without a render. */}
              <span ref={elapsed} />
              {hasSound(state) && (
                <span className={styles.total}> / {clock(knownSamples(state), sampleRate)}</span>
              )}
            </p>
          </div>
          <Timeline
            ref={timeline}
            sentences={sentences}
            current={state.playback === "ended" ? sentences.length : current}
            open={state.totalSamples === null && isBeingWritten(state)}
            onSeek={(index) => session.seekToSentence(index)}
          />
        </div>
        <div className={styles.extras}>
          <div className={styles.wide}>
            {hasTimings(state) && <TimingsControl session={session} state={state} />}
            <SleepControl timer={sleepTimer} />
          </div>
          <div className={styles.narrow}>
            <MoreControl session={session} state={state} timer={sleepTimer} />
          </div>
          <SpeedControl speed={state.speed} onSpeed={controls.setSpeed} />
          <VolumeControl
            volume={state.volume}
            muted={state.muted}
            onVolume={controls.setVolume}
            onMuted={controls.setMuted}
          />
        </div>
      </div>
    </section>
  );
}

function heardOf(sentence: SentenceState | undefined, position: number): number {
  if (!sentence?.samples) return 0;
  return Math.min(Math.max((position - sentence.start) / sentence.samples, 0), 1);
}

const PLAY_LABEL = {
  play: "Play",
  pause: "Pause",
  replay: "Play again",
} as const;

function PlayButton({ session, state }: Pick<PlayerBarProps, "session" | "state">) {
  const action = playAction(state);
  const waiting =
    state.playback === "buffering" || (state.playback === "idle" && isBeingWritten(state));
  const Icon = action === "pause" ? Pause : action === "replay" ? RotateCcw : Play;
  return (
    <IconButton
      label={PLAY_LABEL[action]}
      className={styles.play}
      data-waiting={waiting || undefined}
      onClick={() => togglePlayback(session, state)}
    >
      <Icon size={20} fill={action === "replay" ? "none" : "currentColor"} aria-hidden />
    </IconButton>
  );
}

function Pulse() {
  return (
    <span className={styles.pulse} aria-hidden>
      <span />
      <span />
      <span />
    </span>
  );
}
