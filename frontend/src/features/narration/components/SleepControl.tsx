import { MoonStar } from "lucide-react";
import { Popover } from "radix-ui";
import { useEffect, useState } from "react";
import { SLEEP_MINUTES, type Sleep, type SleepTimer } from "../hooks/useSleepTimer";
import styles from "./SleepControl.module.css";

const MINUTE_MS = 60_000;

/** When the voice falls silent by itself. */
export function SleepControl({ timer }: { timer: SleepTimer }) {
  const { sleep } = timer;
  const [isOpen, setIsOpen] = useState(false);
  const left = useSleepLeft(sleep);
  return (
    <Popover.Root open={isOpen} onOpenChange={setIsOpen}>
      <Popover.Trigger
        className={styles.trigger}
        data-set={sleep.type !== "off" || undefined}
        aria-label={`Sleep timer, ${left ?? "off"}`}
        title="Sleep timer"
      >
        <MoonStar size={20} aria-hidden />
        {sleep.type === "after" && <span className={styles.left}>{left}</span>}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={styles.popover}
          side="top"
          sideOffset={10}
          collisionPadding={12}
        >
          <SleepChoices timer={timer} onChoose={() => setIsOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface SleepChoicesProps {
  timer: SleepTimer;
  onChoose: () => void;
}

export function SleepChoices({ timer, onChoose }: SleepChoicesProps) {
  const { sleep, sleepAfter, sleepAtSceneEnd, stayAwake } = timer;
  const choose = (run: () => void) => () => {
    run();
    onChoose();
  };
  return (
    <>
      <p className={styles.head}>Sleep timer</p>
      <p className={styles.hint}>The voice finishes its sentence first.</p>
      <div className={styles.choices}>
        {SLEEP_MINUTES.map((minutes) => (
          <button
            key={minutes}
            type="button"
            className={styles.choice}
            aria-pressed={sleep.type === "after" && sleep.minutes === minutes}
            onClick={choose(() => sleepAfter(minutes))}
          >
            {minutes} min
          </button>
        ))}
        <button
          type="button"
          className={styles.choice}
          aria-pressed={sleep.type === "scene"}
          onClick={choose(sleepAtSceneEnd)}
        >
          End of scene
        </button>
        <button
          type="button"
          className={styles.choice}
          aria-pressed={sleep.type === "off"}
          onClick={choose(stayAwake)}
        >
          Off
        </button>
      </div>
    </>
  );
}

/** When it is time, in words; null when never. */
function useSleepLeft(sleep: Sleep): string | null {
  const [now, setNow] = useState(Date.now);
  const isCounting = sleep.type === "after";
  useEffect(() => {
    if (!isCounting) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS / 4);
    return () => clearInterval(timer);
  }, [isCounting]);
  switch (sleep.type) {
    case "off":
      return null;
    case "due":
      return "now";
    case "scene":
      return "end of scene";
    case "after":
      return `${Math.max(1, Math.ceil((sleep.atMs - now) / MINUTE_MS))} min`;
  }
}
