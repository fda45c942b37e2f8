import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { Link, useLocation } from "react-router";
import { IconButton } from "@/components/Button";
import { writerSettingsQuery } from "@/features/settings/queries";
import { usePreferences } from "./preferences";
import styles from "./WelcomeBanner.module.css";

/** Says what is heard before anything was chosen, and where better things are. Blocks nothing. */
export function WelcomeBanner() {
  const { welcomeDismissed, dismissWelcome } = usePreferences();
  const writer = useQuery({ ...writerSettingsQuery, enabled: !welcomeDismissed });
  const background = useLocation();
  if (welcomeDismissed || writer.data?.provider !== "builtin") return null;
  return (
    <aside className={styles.banner} aria-label="First steps">
      <p>
        You are hearing the built-in storyteller and voice. They need no set-up and no network.{" "}
        <span className={styles.ways}>
          <Link to="/settings/writer" state={{ background }}>
            Use your own model
          </Link>
          <Link to="/settings/voice" state={{ background }}>
            Get a better voice
          </Link>
        </span>
      </p>
      <IconButton label="Dismiss" onClick={dismissWelcome}>
        <X size={18} aria-hidden />
      </IconButton>
    </aside>
  );
}
