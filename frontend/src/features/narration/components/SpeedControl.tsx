import { Popover } from "radix-ui";
import { Range } from "@/components/Range";
import styles from "./SpeedControl.module.css";
import { speedInWords } from "./speeds";

interface SpeedControlProps {
  speed: number;
  onSpeed: (speed: number) => void;
}

const PRESETS = [0.75, 1, 1.25, 1.5, 2] as const;

/** How fast the voice reads; its pitch stays. */
export function SpeedControl({ speed, onSpeed }: SpeedControlProps) {
  return (
    <Popover.Root>
      <Popover.Trigger className={styles.trigger} aria-label={`Speed, ${speedInWords(speed)}`}>
        {speedInWords(speed)}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={styles.popover}
          side="top"
          sideOffset={10}
          collisionPadding={12}
        >
          <div className={styles.head}>
            <span>Speed</span>
            <output>{speedInWords(speed)}</output>
          </div>
          <Range
            aria-label="Speed"
            aria-valuetext={speedInWords(speed)}
            min={0.5}
            max={2}
            step={0.05}
            value={speed}
            onChange={onSpeed}
          />
          <div className={styles.presets}>
            {PRESETS.map((preset) => (
              <button
                key={preset}
                type="button"
                className={styles.preset}
                aria-pressed={Math.abs(preset - speed) < 0.001}
                onClick={() => onSpeed(preset)}
              >
                {speedInWords(preset)}
              </button>
            ))}
          </div>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
