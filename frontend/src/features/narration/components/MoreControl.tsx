import { Ellipsis } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import type { SleepTimer } from "../hooks/useSleepTimer";
import type { NarrationState } from "../store/narrationStore";
import type { Narration } from "../transport/narration";
import styles from "./MoreControl.module.css";
import { SleepChoices } from "./SleepControl";
import { TimingsList } from "./TimingsControl";
import { hasTimings } from "./timingLines";

interface MoreControlProps {
  session: Narration;
  state: NarrationState;
  timer: SleepTimer;
}

/** On a phone, what else there is to set and to see, behind one button. */
export function MoreControl({ session, state, timer }: MoreControlProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Popover.Root open={isOpen} onOpenChange={setIsOpen}>
      <Popover.Trigger
        className={styles.trigger}
        data-set={timer.sleep.type !== "off" || undefined}
        aria-label="More"
        title="More"
      >
        <Ellipsis size={20} aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={styles.popover}
          side="top"
          sideOffset={10}
          collisionPadding={12}
          aria-label="More"
        >
          <div>
            <SleepChoices timer={timer} onChoose={() => setIsOpen(false)} />
          </div>
          {hasTimings(state) && (
            <div>
              <TimingsList session={session} state={state} />
            </div>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
