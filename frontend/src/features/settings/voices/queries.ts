import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { OwnVoice, OwnVoiceChange, Voice } from "@/api/types";
import { upload } from "@/api/upload";

/** The voices of an engine, those that this user made for it among them. */
export const voicesQuery = (engine: string) =>
  queryOptions({
    queryKey: ["voices", engine],
    queryFn: () => call<Voice[]>("GET", `/api/tts/voices?engine=${encodeURIComponent(engine)}`),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The voices that this user made. */
export const ownVoicesQuery = queryOptions({
  queryKey: ["voices", { own: true }],
  queryFn: () => call<OwnVoice[]>("GET", "/api/voices"),
});

/** A clip that is to become a voice. */
export interface Clip {
  file: File;
  name: string;
  /** BCP 47 tag of what is to be read with it. */
  language: string;
  /** Takes it back. */
  signal: AbortSignal;
}

/**
 * Make a voice from a clip.
 *
 * @param onProgress hears how much of it is sent, 0 to 1.
 */
export function useAddVoice(onProgress: (share: number) => void) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ file, name, language, signal }: Clip) => {
      const form = new FormData();
      form.set("file", file);
      form.set("name", name);
      form.set("language", language);
      return upload<OwnVoice>("/api/voices", form, onProgress, signal);
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: ["voices"] }),
  });
}

/**
 * Give a voice that this user made another name or language.
 *
 * @param onChanged is called when every list of voices knows it.
 */
export function useChangeVoice(id: string, onChanged: () => void) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (changes: OwnVoiceChange) =>
      call<OwnVoice>("PATCH", `/api/voices/${encodeURIComponent(id)}`, changes),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: ["voices"] });
      onChanged();
    },
  });
}

/** Delete a voice that this user made. */
export function useDeleteVoice() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call<void>("DELETE", `/api/voices/${encodeURIComponent(id)}`),
    onSuccess: () => cache.invalidateQueries({ queryKey: ["voices"] }),
  });
}
