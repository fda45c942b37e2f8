import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { Engine, VoiceChange, VoiceSettings } from "@/api/types";
import { answerWith, CLONING, ENGINE, renderLoaded, SETTINGS } from "./settings.fixture";
import { VoiceForm } from "./VoiceForm";

afterEach(cleanup);

const ABSENT: Engine = {
  ...ENGINE,
  name: "chatterbox",
  label: "Chatterbox",
  available: false,
  unavailable_reason: "Chatterbox is not installed. Run `make chatterbox`.",
};
const REMOTE: Engine = { ...ENGINE, name: "openai", label: "Speech server", needs_server: true };
const ENGINES = [ENGINE, ABSENT, CLONING, REMOTE];

function show(change: Partial<VoiceSettings> = {}, engines = ENGINES): VoiceChange[] {
  const saved: VoiceChange[] = [];
  renderLoaded(
    <VoiceForm
      settings={{ ...SETTINGS, ...change }}
      engines={engines}
      errorOf={() => null}
      onSave={async (saving) => {
        saved.push(saving);
        return true;
      }}
      isReturn={false}
      onBrowse={vi.fn()}
      device={null}
    />,
  );
  return saved;
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

test("without speech nothing of it can be changed, but speech can be turned on", () => {
  show({ tts_enabled: false, tts_provider_type: "openai", tts_api_url: "http://localhost:8880" });
  const [speech, ...others] = document.querySelectorAll<HTMLInputElement>("input, select, button");
  expect(speech).toBe(toggle("Read stories aloud"));
  expect(speech?.disabled).toBe(false);
  expect(others.length).toBeGreaterThan(10);
  // A group that is disabled as a whole disables what is in it.
  expect(others.filter((control) => !control.matches(":disabled, :disabled *"))).toEqual([]);
});

test("an engine says what it can do", () => {
  show();
  const optionOf = (name: string) => screen.getByRole("radio", { name }).closest("label");
  expect(optionOf("eSpeak NG")?.textContent).toContain("Exact highlight · Pace");
  expect(optionOf("Cloning")?.textContent).toContain("Feeling · Your own voices");
});

test("an engine says how it has done here", () => {
  const [quick, slow] = [
    { ...ENGINE, first_chunk_s: 0.234, rtf: 0.05 },
    { ...CLONING, first_chunk_s: 4, rtf: 2.1 },
  ];
  show({}, [quick, slow]);
  const optionOf = (name: string) => screen.getByRole("radio", { name }).closest("label");
  expect(optionOf("eSpeak NG")?.textContent).toContain("First sound after 0.23 s");
  expect(optionOf("eSpeak NG")?.textContent).not.toContain("Slower");
  expect(optionOf("Cloning")?.textContent).toContain(
    "First sound after 4.00 s · Slower than it plays on this machine",
  );
});

test("an engine that cannot be used says why, and how to get it", () => {
  show();
  const absent = screen.getByRole<HTMLInputElement>("radio", { name: /Chatterbox/ });
  expect(absent.disabled).toBe(true);
  expect(screen.getByText(/Chatterbox is not installed/).textContent).toContain("make chatterbox");
});

/** Proves 003-U2: the shortest sentence has a default and limits. */
test("sentences have a shortest and a longest length", async () => {
  const saved = show();
  const shortest = screen.getByLabelText<HTMLInputElement>("Shortest sentence");
  expect([shortest.value, shortest.min, shortest.max]).toEqual(["20", "1", "200"]);
  await userEvent.clear(shortest);
  await userEvent.type(shortest, "45{Enter}");
  expect(saved).toEqual([{ min_sentence_length: 45 }]);
});

test("the voice that is set is named, with its language", () => {
  show();
  expect(screen.getByText("Arthur")).toBeTruthy();
  expect(screen.getByText("British English · Low and calm, British")).toBeTruthy();
});

test("a voice that is not offered any more is named, with a way to another", () => {
  show({ default_voice: "gone" });
  expect(screen.getByText("gone")).toBeTruthy();
  expect(screen.getByText(/eSpeak NG does not offer this voice any more/)).toBeTruthy();
  expect(screen.getByRole("button", { name: "Choose a voice" })).toBeTruthy();
});

test("a voice of one's own that was deleted is told in words, not by its id", async () => {
  answerWith(() => []);
  show({ tts_provider_type: "cloning", default_voice: "voice-3fa85f64" });
  expect(await screen.findByText("A deleted voice")).toBeTruthy();
  expect(screen.getByText(/has been deleted. Choose another one/)).toBeTruthy();
  expect(screen.queryByText(/voice-3fa/)).toBeNull();
  vi.unstubAllGlobals();
});

test("a pace and a feeling are offered only by engines that follow them", () => {
  show();
  expect(screen.getByRole("slider", { name: "Speaking pace" })).toBeTruthy();
  expect(screen.queryByText("Feeling")).toBeNull();
  cleanup();
  show({ tts_provider_type: "cloning" });
  expect(screen.getByRole("slider", { name: "Feeling" })).toBeTruthy();
  expect(screen.getByRole("slider", { name: "Variety" })).toBeTruthy();
  expect(screen.queryByText("Guidance")).toBeNull();
  expect(screen.queryByText("Speaking pace")).toBeNull();
});

test("a speech server is chosen together with its address", async () => {
  const saved = show();
  await userEvent.click(screen.getByRole("radio", { name: /Speech server/ }));
  expect(saved).toEqual([]);
  const tryOut = screen.getByRole<HTMLButtonElement>("button", { name: "Test connection" });
  expect(tryOut.disabled).toBe(true);
  const address = screen.getByRole("textbox", { name: "Address" });
  await userEvent.type(address, "http://localhost:8880/v1{Enter}");
  expect(saved).toEqual([
    { tts_api_url: "http://localhost:8880/v1", tts_provider_type: "openai", default_voice: "" },
  ]);
});

test("a speech server's format, model and patience are set beside its address", async () => {
  const saved = show({
    tts_provider_type: "openai",
    tts_api_url: "http://localhost:8880/v1",
    tts_extra_params: { model: "kokoro", seed: 7 },
  });
  await userEvent.selectOptions(screen.getByLabelText("Sound format"), "MP3");
  const patience = screen.getByLabelText<HTMLInputElement>("Patience");
  await userEvent.clear(patience);
  await userEvent.type(patience, "60{Enter}");
  await userEvent.clear(screen.getByLabelText("Model"));
  await userEvent.tab();
  expect(saved).toEqual([
    { tts_extra_params: { model: "kokoro", seed: 7, response_format: "mp3" } },
    { tts_timeout: 60 },
    { tts_extra_params: { seed: 7 } },
  ]);
});
