/** The shapes of the REST routes, named once for the whole page. */

export interface User {
  id: number;
  username: string;
  is_admin: boolean;
}

export interface AuthMode {
  mode: "single" | "accounts";
  user: User | null;
  registration_open: boolean;
}

export interface Story {
  id: number;
  title: string;
  premise: string;
  genre: string | null;
  style: string | null;
  /** ISO 8601, UTC. */
  created_at: string;
  /** ISO 8601, UTC. */
  updated_at: string;
  scene_count: number;
  word_count: number;
  /** Where this reader listened last; null: nowhere. */
  last_heard: LastHeard | null;
}

export interface LastHeard {
  scene_id: number;
  /** From the scene's beginning. */
  position_ms: number;
  /** ISO 8601, UTC. */
  at: string;
}

export interface StoryChange {
  title?: string;
  premise?: string;
}

/** A word or phrase of a story, and what is said for it. */
export interface Pronunciation {
  phrase: string;
  spoken: string;
}

export interface Scene {
  id: number;
  story_id: number;
  /** 1-based place in the story. */
  position: number;
  prompt: string;
  content: string;
  status: "complete" | "stopped" | "failed";
  model: string | null;
  /** The stored narration; null when there is none. */
  narration: NarrationSummary | null;
  created_at: string;
  updated_at: string;
}

/** How far a scene's narration is. */
export interface NarrationSummary {
  /** `incomplete`: some of it had to make room on the disk, and is made again when it is heard. */
  status: "queued" | "running" | "complete" | "incomplete" | "failed";
  /** Sentences. */
  chunk_count: number;
  chunks_ready: number;
  duration_ms: number;
}

export interface SceneChange {
  content?: string;
  prompt?: string;
}

/** A live scene that this page can join. */
export interface FoundSession {
  session_id: string;
  websocket_url: string;
  /** False when it is only replayed. */
  generating: boolean;
}

export interface VoiceSettings {
  tts_enabled: boolean;
  tts_provider_type: string;
  /** "" means the engine's own default. */
  default_voice: string;
  /** 0.25 to 4; 1 is the voice's natural pace. */
  speech_speed: number;
  realtime_tts_enabled: boolean;
  auto_play_last_scene: boolean;
  /** Characters a sentence gathers before it is spoken, 1 to 200. */
  min_sentence_length: number;
  /** The most characters given to an engine at once, 100 to 500. */
  chunk_size: number;
  /** 0.25 to 2. */
  exaggeration: number;
  /** 0 to 1. */
  cfg_weight: number;
  /** 0.05 to 5. */
  temperature: number;
  /** Where an engine that needs a server finds it. */
  tts_api_url: string | null;
  has_api_key: boolean;
  /** What is passed on to the server, such as its `model`. */
  tts_extra_params: Readonly<Record<string, unknown>>;
}

/** The key goes to the server and never comes back; "" removes it. */
export type VoiceChange = Partial<VoiceSettings> & { tts_api_key?: string };

export interface SpeechServerTest {
  ok: boolean;
  latency_ms: number;
  voice: string;
}

export interface Engine {
  name: string;
  label: string;
  description: string;
  available: boolean;
  unavailable_reason: string | null;
  word_times: boolean;
  min_speed: number;
  max_speed: number;
  default_voice: string;
  /** Which of the settings of feeling it follows. */
  parameters: readonly string[];
  /** It speaks only where the settings name a server. */
  needs_server: boolean;
}

export interface Voice {
  id: string;
  name: string;
  /** BCP 47 tag. */
  language: string;
  description: string;
  featured: boolean;
}

export interface VoicePreview {
  engine: string;
  voice: string;
  speed?: number;
  text?: string;
}

export interface WriterSettings {
  provider: "builtin" | "openai";
  base_url: string | null;
  model: string | null;
  has_api_key: boolean;
  /** 50 to 8,000. */
  max_tokens: number;
  /** 0 to 2. */
  temperature: number;
}

export interface WriterChange extends Partial<Omit<WriterSettings, "has_api_key">> {
  /** Write-only; "" removes the saved key. */
  api_key?: string;
}

export interface WriterServer {
  name: string;
  base_url: string;
  models: string[];
}

export interface WriterTest {
  ok: true;
  model: string;
  latency_ms: number;
  sample: string;
}

export interface Health {
  status: string;
  version: string;
}

/** Characters a prompt may have; the server refuses more. */
export const PROMPT_LIMIT = 8000;
/** Entries a story's dictionary may have. */
export const PRONUNCIATION_LIMIT = 200;
/** Characters a title may have. */
export const TITLE_LIMIT = 200;
