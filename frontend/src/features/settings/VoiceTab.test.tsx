import { cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { enginesQuery, voiceSettingsQuery } from "./queries";
import { answerWith, ENGINE, refused, renderLoaded, SETTINGS, voiceOf } from "./settings.fixture";
import { VoiceTab } from "./VoiceTab";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(): void {
  renderLoaded(<VoiceTab device={null} />);
}

test("what was typed stays when it is refused, with the reason beside it, until it is saved", async () => {
  const sent = answerWith(({ json }) => {
    const { chunk_size } = json as { chunk_size?: number };
    if (chunk_size === 5000) return refused(422, "chunk_size must be at most 500.", "chunk_size");
    return { ...SETTINGS, ...(json as object) };
  });
  show();
  const longest = await screen.findByLabelText<HTMLInputElement>("Longest piece");
  await userEvent.clear(longest);
  await userEvent.type(longest, "5000{Enter}");
  expect((await screen.findByRole("alert")).textContent).toBe("Longest piece must be at most 500.");
  expect(longest.value).toBe("5000");
  expect(longest.getAttribute("aria-invalid")).toBe("true");
  // Another setting is saved meanwhile; the refusal stays where it belongs.
  await userEvent.click(screen.getByRole("switch", { name: "Auto-play Last Scene" }));
  expect((await screen.findByText("Saved")).closest("[role=status]")).not.toBeNull();
  expect(screen.getByRole("alert")).toBeTruthy();
  await userEvent.clear(longest);
  await userEvent.type(longest, "400{Enter}");
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  expect(longest.value).toBe("400");
  expect(sent.map(({ json }) => json)).toEqual([
    { chunk_size: 5000 },
    { auto_play_last_scene: true },
    { chunk_size: 400 },
  ]);
});

test("a switch goes back when the server cannot be reached, and says so", async () => {
  answerWith(() => {
    throw new TypeError("no network");
  });
  show();
  const autoPlay = await screen.findByRole("switch", { name: "Auto-play Last Scene" });
  await userEvent.click(autoPlay);
  expect((await screen.findByRole("alert")).textContent).toMatch(/does not answer/);
  expect(autoPlay.getAttribute("aria-checked")).toBe("false");
});

test("two settings that are saved at once both show at once, and both are kept", async () => {
  const answers: (() => void)[] = [];
  let saved = SETTINGS;
  answerWith(async ({ json }) => {
    await new Promise<void>((resolve) => answers.push(resolve));
    saved = { ...saved, ...(json as object) };
    return saved;
  });
  show();
  const autoPlay = await screen.findByRole("switch", { name: "Auto-play Last Scene" });
  const realtime = screen.getByRole("switch", { name: "Real-time TTS During Generation" });
  await userEvent.click(autoPlay);
  await userEvent.click(realtime);
  const bothAreOn = () =>
    expect([autoPlay, realtime].map((each) => each.getAttribute("aria-checked"))).toEqual([
      "true",
      "true",
    ]);
  bothAreOn();
  expect(screen.getByText("Saving…")).toBeTruthy();
  await waitFor(() => expect(answers).toHaveLength(1));
  answers[0]?.();
  await waitFor(() => expect(answers).toHaveLength(2));
  bothAreOn();
  answers[1]?.();
  await screen.findByText("Saved");
  bothAreOn();
});

test("when the page is left, nothing that was set waits any longer", async () => {
  let answer = () => {};
  const patience = new Promise<void>((resolve) => (answer = resolve));
  const sent = answerWith(async ({ json }) => {
    await patience;
    return { ...SETTINGS, ...(json as object) };
  });
  show();
  await userEvent.click(await screen.findByRole("switch", { name: "Auto-play Last Scene" }));
  fireEvent.change(screen.getByRole("slider", { name: "Speaking pace" }), {
    target: { value: "1.5" },
  });
  await userEvent.type(screen.getByLabelText("Longest piece"), "0");
  expect(sent.map(({ json }) => json)).toEqual([{ auto_play_last_scene: true }]);
  window.dispatchEvent(new Event("pagehide"));
  await waitFor(() => expect(sent).toHaveLength(3));
  expect(sent.map(({ json }) => json)).toEqual([
    { auto_play_last_scene: true },
    { speech_speed: 1.5 },
    { chunk_size: 2800 },
  ]);
  expect(sent.every(({ keepalive }) => keepalive)).toBe(true);
  window.dispatchEvent(new Event("pageshow"));
  answer();
  await screen.findByText("Saved");
});

test("a server is tested as it was just set, however long the saving takes", async () => {
  const server = { tts_provider_type: "openai", tts_api_url: "http://localhost:8880/v1" };
  let save = () => {};
  const sent = answerWith(async ({ method, path, json }) => {
    if (method === "PUT") await new Promise<void>((resolve) => (save = resolve));
    if (path === "/api/tts/test") return { latency_ms: 210, voice: "sky", ok: true, voices: [] };
    return path.includes("/voices") ? [] : { ...SETTINGS, ...server, ...(json as object) };
  });
  const queries = renderLoaded(<VoiceTab device={null} />);
  queries.setQueryData(voiceSettingsQuery.queryKey, { ...SETTINGS, ...server });
  queries.setQueryData(enginesQuery.queryKey, [{ ...ENGINE, name: "openai", needs_server: true }]);
  await userEvent.type(await screen.findByLabelText("Model"), "kokoro");
  await userEvent.click(screen.getByRole("button", { name: "Test connection" }));
  expect(sent.map(({ method }) => method)).toEqual(["PUT"]);
  save();
  await screen.findByText("It spoke after 210 ms, as sky.");
  expect(sent.map(({ path }) => path)).toEqual(["/api/tts/settings", "/api/tts/test"]);
});

test("a server's voices are asked for anew when its address is saved, whatever was on its way", async () => {
  const remote = { ...ENGINE, name: "openai", label: "Speech server", needs_server: true };
  const asked: ((answer: unknown) => void)[] = [];
  let save = () => {};
  answerWith(async ({ method, path, json }) => {
    if (path.includes("/voices")) return new Promise((resolve) => asked.push(resolve));
    if (method === "PUT") await new Promise<void>((resolve) => (save = resolve));
    return { ...SETTINGS, ...(json as object) };
  });
  const queries = renderLoaded(<VoiceTab device={null} />);
  queries.setQueryData(enginesQuery.queryKey, [ENGINE, remote]);
  queries.removeQueries({ queryKey: ["voices", "openai"] });
  await userEvent.click(await screen.findByRole("radio", { name: /Speech server/ }));
  await userEvent.type(screen.getByLabelText("Address"), "http://localhost:8880/v1{Enter}");
  // The voices are asked for as soon as the engine shows, and the server does not know it yet.
  await waitFor(() => expect(asked).toHaveLength(1));
  save();
  await screen.findByText("Saved");
  asked[0]?.(refused(422, "Enter the speech server's address first."));
  await waitFor(() => expect(asked).toHaveLength(2));
  asked[1]?.([voiceOf("sky", "en")]);
  expect(await screen.findByText("Sky")).toBeTruthy();
});

test("from the list of voices Escape and the button lead back to where one came from", async () => {
  answerWith(() => SETTINGS);
  show();
  await userEvent.click(await screen.findByRole("button", { name: "All voices" }));
  expect(document.activeElement?.getAttribute("aria-label")).toMatch(/^Arthur/);
  await userEvent.keyboard("{Escape}");
  expect(document.activeElement?.textContent).toBe("All voices");
  await userEvent.click(screen.getByRole("button", { name: "All voices" }));
  await userEvent.click(screen.getByRole("button", { name: "Voice settings" }));
  expect(document.activeElement?.textContent).toBe("All voices");
});
