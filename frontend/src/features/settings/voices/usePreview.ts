import { useCallback, useEffect, useRef, useState } from "react";
import { callForAudio, inWords } from "@/api/client";
import type { VoicePreview } from "@/api/types";

export interface Preview {
  /** The sample that is heard, or about to be; null in silence. */
  heard: { key: string; state: "loading" | "playing" } | null;
  /** Why the last one could not be heard. */
  problem: { key: string; message: string } | null;
  /** Play a sample in place of any other, or stop it; `key` tells it from the others. */
  toggle: (key: string, sample: VoicePreview) => void;
}

/** Plays short samples of voices, one at a time. */
export function usePreview(): Preview {
  const [heard, setHeard] = useState<Preview["heard"]>(null);
  const [problem, setProblem] = useState<Preview["problem"]>(null);
  const audio = useRef<HTMLAudioElement | null>(null);

  const stop = useCallback(() => {
    const playing = audio.current;
    audio.current = null;
    playing?.pause();
    if (playing?.src) URL.revokeObjectURL(playing.src);
    setHeard(null);
  }, []);
  useEffect(() => stop, [stop]);

  const play = async (key: string, wanted: VoicePreview) => {
    // Made within the click: browsers let only such an element make a sound.
    const element = new Audio();
    audio.current = element;
    setHeard({ key, state: "loading" });
    try {
      const sample = await callForAudio("/api/tts/preview", wanted);
      if (audio.current !== element) return;
      element.src = URL.createObjectURL(sample);
      element.onended = stop;
      await element.play();
      if (audio.current === element) setHeard({ key, state: "playing" });
    } catch (reason) {
      if (audio.current !== element) return;
      stop();
      setProblem({ key, message: inWords(reason) });
    }
  };
  const toggle = (key: string, wanted: VoicePreview) => {
    stop();
    setProblem(null);
    if (heard?.key !== key) void play(key, wanted);
  };
  return { heard, problem, toggle };
}
