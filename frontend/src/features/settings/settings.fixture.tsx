import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";
import type { Engine, Voice, VoiceSettings } from "@/api/types";
import { enginesQuery, voiceSettingsQuery } from "./queries";
import { voicesQuery } from "./voices/queries";

export const SETTINGS: VoiceSettings = {
  tts_enabled: true,
  tts_provider_type: "espeak",
  default_voice: "",
  speech_speed: 1,
  realtime_tts_enabled: false,
  auto_play_last_scene: false,
  min_sentence_length: 20,
  chunk_size: 280,
  exaggeration: 0.5,
  cfg_weight: 0.5,
  temperature: 0.8,
  tts_api_url: null,
  has_api_key: false,
  tts_timeout: 30,
  tts_extra_params: {},
  favorite_voices: [],
};

export const ENGINE: Engine = {
  name: "espeak",
  label: "eSpeak NG",
  description: "Built in.",
  available: true,
  unavailable_reason: null,
  word_times: true,
  min_speed: 0.5,
  max_speed: 4,
  default_voice: "arthur",
  parameters: ["speed"],
  needs_server: false,
  cloning: null,
  first_chunk_s: null,
  rtf: null,
};

export const CLONING: Engine = {
  ...ENGINE,
  name: "cloning",
  word_times: false,
  label: "Cloning",
  default_voice: "",
  parameters: ["exaggeration", "temperature"],
  cloning: {
    min_clip_s: 1,
    max_clip_s: 60,
    max_clip_bytes: 1000,
    formats: ["wav", "mp3"],
    languages: ["en", "de"],
  },
};

export function voiceOf(id: string, language: string, change: Partial<Voice> = {}): Voice {
  const name = id.charAt(0).toUpperCase() + id.slice(1);
  return { id, name, language, description: "", featured: false, ...change };
}

export const VOICES: readonly Voice[] = [
  voiceOf("arthur", "en-GB", { featured: true, description: "Low and calm, British" }),
  voiceOf("clara", "de", { featured: true, description: "Clear, German" }),
  voiceOf("english", "en"),
  voiceOf("maori", "mi", { name: "Māori" }),
];

/** Renders with everything loaded that the settings load. */
export function renderLoaded(content: ReactNode, voices: readonly Voice[] = VOICES): QueryClient {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  queries.setQueryData(voiceSettingsQuery.queryKey, SETTINGS);
  queries.setQueryData(enginesQuery.queryKey, [ENGINE, CLONING]);
  for (const name of [ENGINE.name, CLONING.name, "openai"]) {
    queries.setQueryData(voicesQuery(name).queryKey, [...voices]);
  }
  render(<QueryClientProvider client={queries}>{content}</QueryClientProvider>);
  return queries;
}

export interface Sent {
  method: string;
  path: string;
  json: unknown;
  /** It is carried on when the page is closed. */
  keepalive: boolean;
}

/** A server that answers everything with what the test says, and notes what it was sent. */
export function answerWith(answer: (sent: Sent) => unknown): Sent[] {
  const all: Sent[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    const json: unknown = init.body ? JSON.parse(String(init.body)) : null;
    const { method = "GET", keepalive = false } = init;
    const sent = { method, path, json, keepalive };
    all.push(sent);
    const answered = await answer(sent);
    return answered instanceof Response ? answered : Response.json(answered);
  });
  return all;
}

/** A refusal in the server's shape. */
export function refused(status: number, message: string, param: string | null = null): Response {
  return Response.json({ error: { code: "invalid_input", message, param } }, { status });
}
