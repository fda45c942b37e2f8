import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { voiceSettingsQuery } from "@/features/settings/queries";
import { usePreview } from "@/features/settings/usePreview";
import { PronunciationDialog } from "@/features/stories/PronunciationDialog";

interface StoryPronunciationProps {
  storyId: number;
  onClose: () => void;
}

/** A story's dictionary, heard in the reader's own voice. */
export default function StoryPronunciation({ storyId, onClose }: StoryPronunciationProps) {
  const voice = useQuery(voiceSettingsQuery).data;
  const preview = usePreview();
  const [text, setText] = useState("");
  const toggle = (wanted: string) => {
    if (!voice) return;
    const sample = {
      engine: voice.tts_provider_type,
      voice: voice.default_voice,
      speed: voice.speech_speed,
      text: wanted,
    };
    // Another word stops the one that sounds, and is heard at once.
    if (preview.state !== "silent" && wanted !== text) preview.toggle(sample);
    setText(wanted);
    preview.toggle(sample);
  };
  return (
    <PronunciationDialog
      storyId={storyId}
      hear={{ text: preview.state === "silent" ? null : text, error: preview.error, toggle }}
      onClose={onClose}
    />
  );
}
