import { useCallback, useEffect, useRef, useState } from "react";
import { callForAudio, inWords } from "@/api/client";
import type { VoicePreview } from "@/api/types";

interface Preview {
  state: "silent" | "loading" | "playing";
  error: string | null;
  /** Play the voice, or stop what plays. */
  toggle: (preview: VoicePreview) => void;
}

/** Plays a short sample of a voice, one at a time. */
export function usePreview(): Preview {
  const [state, setState] = useState<Preview["state"]>("silent");
  const [error, setError] = useState<string | null>(null);
  const audio = useRef<HTMLAudioElement | null>(null);

  const stop = useCallback(() => {
    const playing = audio.current;
    audio.current = null;
    playing?.pause();
    if (playing) URL.revokeObjectURL(playing.src);
    setState("silent");
  }, []);
  useEffect(() => stop, [stop]);

  const play = async (preview: VoicePreview) => {
    // Made within the click: browsers let only such an element make a sound.
    const element = new Audio();
    audio.current = element;
    setState("loading");
    setError(null);
    try {
      const sample = await callForAudio("/api/tts/preview", preview);
      if (audio.current !== element) return;
      element.src = URL.createObjectURL(sample);
      element.onended = stop;
      await element.play();
      setState("playing");
    } catch (reason) {
      if (audio.current !== element) return;
      stop();
      setError(inWords(reason));
    }
  };
  const toggle = (preview: VoicePreview) => (audio.current ? stop() : void play(preview));
  return { state, error, toggle };
}
