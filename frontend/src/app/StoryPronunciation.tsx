import { useQuery } from "@tanstack/react-query";
import { voiceSettingsQuery } from "@/features/settings/queries";
import { usePreview } from "@/features/settings/voices/usePreview";
import { PronunciationDialog } from "@/features/stories/PronunciationDialog";

interface StoryPronunciationProps {
  storyId: number;
  onClose: () => void;
}

/** A story's dictionary, heard in the reader's own voice. */
export default function StoryPronunciation({ storyId, onClose }: StoryPronunciationProps) {
  const voice = useQuery(voiceSettingsQuery).data;
  const { heard, problem, toggle } = usePreview();
  const hear = (text: string) => {
    if (!voice) return;
    toggle(text, {
      engine: voice.tts_provider_type,
      voice: voice.default_voice,
      speed: voice.speech_speed,
      text,
    });
  };
  return (
    <PronunciationDialog
      storyId={storyId}
      hear={{ text: heard?.key ?? null, error: problem?.message ?? null, toggle: hear }}
      onClose={onClose}
    />
  );
}
