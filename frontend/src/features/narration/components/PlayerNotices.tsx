import { LocateFixed, Volume2 } from "lucide-react";
import { Button } from "@/components/Button";
import type { NarrationState } from "../store/narrationStore";
import { announcement } from "./narrationWords";
import styles from "./PlayerNotices.module.css";

interface UnlockBannerProps {
  /** Why there is no sound at all, in words; null where a click is enough. */
  problem: string | null;
  onUnlock: () => void;
}

/** Shown while the browser lets the page make no sound. */
export function UnlockBanner({ problem, onUnlock }: UnlockBannerProps) {
  if (problem) {
    return (
      <div className={styles.unlock} role="alert">
        <p>{problem}</p>
      </div>
    );
  }
  return (
    <div className={styles.unlock}>
      <p>Your browser waits for a click before it plays sound.</p>
      <Button look="main" onClick={onUnlock}>
        <Volume2 size={18} aria-hidden />
        Click to hear
      </Button>
    </div>
  );
}

/** The way back to the voice for a reader who has scrolled away. */
export function FollowChip({ onFollow }: { onFollow: () => void }) {
  return (
    <button type="button" className={styles.follow} onClick={onFollow} title="Follow the voice (F)">
      <LocateFixed size={16} aria-hidden />
      Follow
    </button>
  );
}

/** Tells screen readers how the narration goes. */
export function NarrationAnnouncer({ state }: { state: NarrationState }) {
  return (
    <p role="status" className="visually-hidden">
      {announcement(state)}
    </p>
  );
}
