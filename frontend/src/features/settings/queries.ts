import { type QueryClient, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "@/api/client";
import { Saves } from "@/api/saves";
import type {
  Engine,
  Health,
  SpeechServerTest,
  VoiceChange,
  VoiceSettings,
  WriterChange,
  WriterServer,
  WriterSettings,
  WriterTest,
} from "@/api/types";

export const voiceSettingsQuery = queryOptions({
  queryKey: ["settings", "voice"],
  queryFn: () => call<VoiceSettings>("GET", "/api/tts/settings"),
});

/** Every speech engine, also those that cannot be used here, with the reason. */
export const enginesQuery = queryOptions({
  queryKey: ["engines"],
  queryFn: () => call<Engine[]>("GET", "/api/tts/engines"),
});

export const writerSettingsQuery = queryOptions({
  queryKey: ["settings", "writer"],
  queryFn: () => call<WriterSettings>("GET", "/api/llm/settings"),
});

/** The model servers that were found on this machine. */
export const serversQuery = queryOptions({
  queryKey: ["writer", "servers"],
  queryFn: () => call<WriterServer[]>("GET", "/api/llm/servers"),
});

/** The models a server offers. */
export const modelsQuery = (baseUrl: string) =>
  queryOptions({
    queryKey: ["writer", "models", baseUrl],
    queryFn: () =>
      call<{ models: string[] }>("GET", `/api/llm/models?base_url=${encodeURIComponent(baseUrl)}`),
    retry: false,
  });

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: () => call<Health>("GET", "/health"),
});

const voiceSaves = new Saves<VoiceChange, VoiceSettings>("/api/tts/settings");
const writerSaves = new Saves<WriterChange, WriterSettings>("/api/llm/settings");

/** Save some of the voice settings; they show at once and are put back when refused. */
export function useSaveVoice() {
  const cache = useQueryClient();
  const { queryKey } = voiceSettingsQuery;
  const show = (change: VoiceChange) =>
    cache.setQueryData(queryKey, (shown) => shown && changed(shown, change));
  return useMutation({
    mutationKey: SAVE_VOICE,
    mutationFn: (change: VoiceChange) => voiceSaves.put(change),
    onMutate: async (change) => {
      await cache.cancelQueries({ queryKey });
      const before = cache.getQueryData(queryKey);
      show(change);
      return { before };
    },
    onSuccess: (saved, change) => {
      cache.setQueryData(queryKey, saved);
      for (const next of waitingChanges(cache, change)) show(next);
      // Another server has other voices.
      if ("tts_api_url" in change || "tts_api_key" in change) {
        // Reset: a request for them that is on its way would be waited for, and not made again.
        void cache.resetQueries({ queryKey: ["voices"] });
      }
    },
    onError: (_error, change, context) => {
      if (context?.before) show(only(Object.keys(change), context.before));
    },
  });
}

const SAVE_VOICE = ["save", "voice"] as const;

/** Changes that are still on their way, but for one. */
function waitingChanges(cache: QueryClient, done: VoiceChange): VoiceChange[] {
  const waiting = cache.getMutationCache().findAll({ mutationKey: SAVE_VOICE, status: "pending" });
  return waiting
    .map(({ state }) => state.variables as VoiceChange)
    .filter((change) => change !== done);
}

/** The settings with a change. What only goes to the server, as its key, is none of them. */
function changed(settings: VoiceSettings, change: VoiceChange): VoiceSettings {
  return { ...settings, ...only(Object.keys(settings), change) };
}

function only<T extends object>(names: readonly string[], from: T): Partial<T> {
  const kept = Object.entries(from).filter(([name]) => names.includes(name));
  return Object.fromEntries(kept) as Partial<T>;
}

/** Have the saved speech server say a few words; what is being saved, is waited for. */
export function useTestSpeech() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await allSaved(cache);
      return call<SpeechServerTest>("POST", "/api/tts/test", {});
    },
  });
}

/** Resolves when no change of the voice settings is on its way. */
function allSaved(cache: QueryClient): Promise<void> {
  const isOver = () => cache.isMutating({ mutationKey: SAVE_VOICE }) === 0;
  if (isOver()) return Promise.resolve();
  return new Promise((resolve) => {
    const forget = cache.getMutationCache().subscribe(() => {
      if (!isOver()) return;
      forget();
      resolve();
    });
  });
}

/** Save some of the writer settings. */
export function useSaveWriter() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (change: WriterChange) => writerSaves.put(change),
    onSuccess: (saved, change) => {
      cache.setQueryData(writerSettingsQuery.queryKey, saved);
      // Another address or key may offer other models.
      if ("base_url" in change || "api_key" in change) {
        void cache.resetQueries({ queryKey: ["writer", "models"] });
      }
    },
  });
}

/** Ask the writer for a few words. */
export function useTestWriter() {
  return useMutation({
    mutationFn: (where: { base_url: string; model: string }) =>
      call<WriterTest>("POST", "/api/llm/test", where),
  });
}
