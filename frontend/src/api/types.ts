/** The shapes of the REST routes by the page's names; `schema.d.ts` is generated from the server's. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type User = Schemas["UserBody"];
export type AuthMode = Schemas["AuthMode"];

/** The server leaves nothing out of an answer, also where its schema gives a default. */
export type Story = Required<Schemas["StoryBody"]>;
export type LastHeard = Schemas["LastHeard"];
export type StoryChange = Partial<Schemas["StoryPatch"]>;

/** A word or phrase of a story, and what is said for it. */
export type Pronunciation = Schemas["PronunciationBody"];

/** As {@link Story}. */
export type Scene = Required<Schemas["SceneBody"]>;
export type NarrationSummary = Schemas["NarrationSummary"];
export type SceneChange = Partial<Schemas["ScenePatch"]>;

/** A live scene that this page can join. */
export type FoundSession = Schemas["FoundScene"];

export type VoiceSettings = Schemas["TtsSettingsBody"];
/** The key goes to the server and never comes back; "" removes it. */
export type VoiceChange = Partial<Schemas["TtsSettingsChanges"]>;
export type FavoriteVoice = Schemas["FavoriteVoiceBody"];
export type SpeechServerTest = Schemas["SpeechTestAnswer"];
export type Engine = Schemas["EngineBody"];
export type Voice = Schemas["VoiceBody"];
export type OwnVoice = Schemas["OwnVoiceBody"];
export type OwnVoiceChange = Partial<Schemas["OwnVoicePatch"]>;
export type VoicePreview = Partial<Schemas["Preview"]> & Pick<Schemas["Preview"], "engine">;

export type WriterSettings = Schemas["LlmSettingsBody"];
/** The key as in {@link VoiceChange}. */
export type WriterChange = Partial<Schemas["LlmSettingsChanges"]>;
export type WriterServer = Schemas["ServerBody"];
export type WriterTest = Schemas["ConnectionAnswer"];

export type Health = Schemas["Health"];

/** Characters a prompt may have; the server refuses more. */
export const PROMPT_LIMIT = 8000;
/** Entries a story's dictionary may have. */
export const PRONUNCIATION_LIMIT = 200;
/** Characters a title may have. */
export const TITLE_LIMIT = 200;
