import { Volume1, Volume2, VolumeX } from "lucide-react";
import { IconButton } from "@/components/Button";
import { Range } from "@/components/Range";
import styles from "./VolumeControl.module.css";

interface VolumeControlProps {
  /** 0 to 1. */
  volume: number;
  muted: boolean;
  onVolume: (volume: number) => void;
  onMuted: (muted: boolean) => void;
}

/** How loud the voice is. Not shown on phones, which have keys for it. */
export function VolumeControl({ volume, muted, onVolume, onMuted }: VolumeControlProps) {
  const silent = muted || volume === 0;
  const Icon = silent ? VolumeX : volume < 0.5 ? Volume1 : Volume2;
  return (
    <div className={styles.volume}>
      <IconButton label={silent ? "Unmute" : "Mute"} onClick={() => onMuted(!muted)}>
        <Icon size={20} aria-hidden />
      </IconButton>
      <Range
        aria-label="Volume"
        aria-valuetext={`${Math.round((silent ? 0 : volume) * 100)} percent`}
        min={0}
        max={1}
        step={0.05}
        value={silent ? 0 : volume}
        onChange={(next) => {
          if (muted && next > 0) onMuted(false);
          onVolume(next);
        }}
      />
    </div>
  );
}
