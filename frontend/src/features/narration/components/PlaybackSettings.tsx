import { useStore } from "zustand";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { Group } from "@/components/Group";
import { Range } from "@/components/Range";
import { Toggle } from "@/components/Toggle";
import { devicePlayback, MAX_HIGHLIGHT_DELAY_MS } from "../audio/devicePlayback";
import styles from "./PlaybackSettings.module.css";

/** What depends on this device's sound, and is kept on it. */
export function PlaybackSettings() {
  const device = useStore(devicePlayback);
  const { highlightDelayMs: delayMs } = device;
  return (
    <Group title="Playback on this device" hint="Kept in this browser, for all stories.">
      <Toggle
        label="Robust audio"
        description="A larger sound buffer, against stutter; play and pause answer a moment later. Applies from the next scene that starts to play."
        checked={device.robustAudio}
        onChange={device.setRobustAudio}
      />
      <Toggle
        label="Play on when the screen is locked"
        description="Finished scenes play as media do, for phones that silence a page when they are locked. Applies from the next scene that starts to play."
        checked={device.throughLock}
        onChange={device.setThroughLock}
      />
      <div className={styles.timing}>
        <Field
          label="Highlight timing"
          value={inWords(delayMs)}
          hint="Bluetooth sound comes late: move right until the words light up as you hear them."
        >
          {(wiring) => (
            <Range
              {...wiring}
              min={-MAX_HIGHLIGHT_DELAY_MS}
              max={MAX_HIGHLIGHT_DELAY_MS}
              step={10}
              value={delayMs}
              aria-valuetext={inWords(delayMs)}
              onChange={device.setHighlightDelayMs}
            />
          )}
        </Field>
        <Button look="quiet" disabled={delayMs === 0} onClick={() => device.setHighlightDelayMs(0)}>
          Reset
        </Button>
      </div>
    </Group>
  );
}

function inWords(delayMs: number): string {
  if (delayMs === 0) return "0 ms";
  return `${Math.abs(delayMs)} ms ${delayMs > 0 ? "later" : "sooner"}`;
}
