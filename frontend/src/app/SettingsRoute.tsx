import { type Location, useNavigate, useParams } from "react-router";
import { AccountTab } from "@/features/account/AccountTab";
import { PlaybackSettings } from "@/features/narration/components/PlaybackSettings";
import { AboutTab } from "@/features/settings/AboutTab";
import { SettingsDialog, tabNamed } from "@/features/settings/SettingsDialog";
import { VoiceTab } from "@/features/settings/VoiceTab";
import { WriterTab } from "@/features/settings/WriterTab";

/** The settings, over the page they were opened from. */
export default function SettingsRoute({ background }: { background: Location | null }) {
  const { tab } = useParams();
  const navigate = useNavigate();
  return (
    <SettingsDialog
      tab={tabNamed(tab)}
      onTab={(next) => navigate(`/settings/${next}`, { replace: true, state: { background } })}
      // The story behind keeps playing: its address is gone back to, not opened anew.
      onClose={() => (background ? navigate(-1) : navigate("/"))}
      content={{
        voice: <VoiceTab device={<PlaybackSettings />} />,
        writer: <WriterTab />,
        account: <AccountTab />,
        about: <AboutTab />,
      }}
    />
  );
}
