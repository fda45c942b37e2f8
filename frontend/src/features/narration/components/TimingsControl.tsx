import { Gauge } from "lucide-react";
import { Popover } from "radix-ui";
import { useEffect, useState } from "react";
import type { NarrationState } from "../store/narrationStore";
import type { Narration } from "../transport/narration";
import styles from "./TimingsControl.module.css";
import { timingLines } from "./timingLines";

interface TimingsControlProps {
  session: Narration;
  state: NarrationState;
}

const LOOK_MS = 500;

/** How long the listener waited, and how far ahead the voice is. */
export function TimingsControl({ session, state }: TimingsControlProps) {
  return (
    <Popover.Root>
      <Popover.Trigger className={styles.trigger} aria-label="Timings" title="Timings">
        <Gauge size={20} aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={styles.popover}
          side="top"
          sideOffset={10}
          collisionPadding={12}
          aria-label="Timings"
        >
          <TimingsList session={session} state={state} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** Mounted while a panel is open: only then anything is looked at. */
export function TimingsList({ session, state }: TimingsControlProps) {
  const position = usePosition(session);
  return (
    <>
      <p className={styles.head}>Timings</p>
      <dl className={styles.lines}>
        {timingLines(state, position).map(({ name, value }) => (
          <div key={name} className={styles.line}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function usePosition(session: Narration): number {
  const [position, setPosition] = useState(() => session.cursor()?.position ?? 0);
  useEffect(() => {
    const timer = setInterval(() => setPosition(session.cursor()?.position ?? 0), LOOK_MS);
    return () => clearInterval(timer);
  }, [session]);
  return position;
}
