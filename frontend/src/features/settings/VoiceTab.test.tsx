import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { Engine, VoiceSettings } from "@/api/types";
import { voicesQuery } from "./queries";
import { VoiceForm } from "./VoiceTab";

afterEach(cleanup);

const SETTINGS: VoiceSettings = {
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
  tts_extra_params: {},
};
const ENGINE: Engine = {
  name: "espeak",
  label: "eSpeak NG",
  description: "Built in.",
  available: true,
  unavailable_reason: null,
  word_times: true,
  min_speed: 0.5,
  max_speed: 4,
  default_voice: "arthur",
  parameters: [],
  needs_server: false,
};
const ABSENT: Engine = {
  ...ENGINE,
  name: "chatterbox",
  label: "Chatterbox",
  available: false,
  unavailable_reason: "Not installed: no package chatterbox.",
};

const GUIDED: Engine = {
  ...ENGINE,
  name: "guided",
  label: "Guided",
  parameters: ["exaggeration", "temperature"],
};
const REMOTE: Engine = { ...ENGINE, name: "openai", label: "Speech server", needs_server: true };

function show(change: Partial<VoiceSettings> = {}) {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  queries.setQueryData(voicesQuery("espeak").queryKey, [
    { id: "arthur", name: "Arthur", language: "en-GB", description: "", featured: true },
    { id: "gmw/de", name: "Deutsch", language: "de", description: "", featured: false },
  ]);
  render(
    <QueryClientProvider client={queries}>
      <VoiceForm settings={{ ...SETTINGS, ...change }} engines={[ENGINE, ABSENT, GUIDED, REMOTE]} />
    </QueryClientProvider>,
  );
}

function toggle(name: string): HTMLButtonElement {
  return screen.getByRole<HTMLButtonElement>("switch", { name });
}

/** Proves 003-U1: the toggle, its words, and that it needs speech. */
test("real-time narration can be chosen only while speech is on", () => {
  show();
  const realtime = toggle("Real-time TTS During Generation");
  expect(realtime.disabled).toBe(false);
  expect(realtime.getAttribute("aria-checked")).toBe("false");
  expect(
    screen.getByText("Hear narration while scene is being written (experimental)"),
  ).toBeTruthy();
  cleanup();
  show({ tts_enabled: false });
  expect(toggle("Real-time TTS During Generation").disabled).toBe(true);
});

test("without speech, voice and pace cannot be changed, but speech can be turned on", () => {
  show({ tts_enabled: false });
  expect(screen.getByLabelText<HTMLSelectElement>("Voice").disabled).toBe(true);
  expect(screen.getByLabelText<HTMLInputElement>(/Speaking pace/).disabled).toBe(true);
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Listen" }).disabled).toBe(true);
  expect(toggle("Read stories aloud").disabled).toBe(false);
});

test("an engine that cannot be used says why", () => {
  show();
  const absent = screen.getByRole<HTMLInputElement>("radio", { name: /Chatterbox/ });
  expect(absent.disabled).toBe(true);
  expect(screen.getByText("Not installed: no package chatterbox.")).toBeTruthy();
});

test("voices are grouped, the good ones first, and named with their language", () => {
  show();
  const groups = [...document.querySelectorAll("optgroup")].map((group) => group.label);
  expect(groups).toEqual(["Featured", "All voices"]);
  expect([...document.querySelectorAll("option")].map((option) => option.textContent)).toEqual([
    "Default (Arthur)",
    "Arthur, British English",
    "Deutsch, German",
  ]);
});

/** Proves 003-F7: the toggle, its words, and that it needs speech. */
test("scenes can begin by themselves only while speech is on", () => {
  show({ auto_play_last_scene: true });
  const autoPlay = toggle("Auto-play Last Scene");
  expect(autoPlay.getAttribute("aria-checked")).toBe("true");
  expect(screen.getByText("Automatically narrate new scenes after generation completes"));
  cleanup();
  show({ tts_enabled: false });
  expect(toggle("Auto-play Last Scene").disabled).toBe(true);
});

test("a feeling is offered only by engines that follow it", () => {
  show();
  expect(screen.queryByText(/^Feeling/)).toBeNull();
  cleanup();
  show({ tts_provider_type: "guided" });
  expect(screen.getByText("Feeling: 0.5")).not.toBeNull();
  expect(screen.getByText("Variety: 0.8")).not.toBeNull();
  expect(screen.queryByText(/^Guidance/)).toBeNull();
});

test("a speech server is chosen together with its address", async () => {
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", async (url: string, init?: RequestInit) => {
    if (init?.method === "PUT") sent.push(JSON.parse(String(init.body)));
    if (url.includes("/voices")) return Response.json([]);
    return Response.json({ ...SETTINGS, tts_provider_type: "openai" });
  });
  show();
  await userEvent.click(screen.getByRole("radio", { name: /Speech server/ }));
  expect(sent).toEqual([]);
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Test connection" }).disabled).toBe(
    true,
  );
  const address = screen.getByRole("textbox", { name: "Server address" });
  await userEvent.type(address, "http://localhost:8880/v1{Enter}");
  expect(sent).toEqual([
    { tts_api_url: "http://localhost:8880/v1", tts_provider_type: "openai", default_voice: "" },
  ]);
  vi.unstubAllGlobals();
});
