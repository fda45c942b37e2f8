import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FavoriteVoice, Voice } from "@/api/types";
import {
  answerWith,
  CLONING,
  ENGINE,
  refused,
  renderLoaded,
  VOICES,
  voiceOf,
} from "../settings.fixture";
import { VoiceBrowser } from "./VoiceBrowser";

/** Sounds that were played, each until it is stopped. */
let sounds: FakeAudio[] = [];

class FakeAudio {
  src = "";
  isPlaying = false;
  onended: (() => void) | null = null;

  constructor() {
    sounds.push(this);
  }

  async play(): Promise<void> {
    this.isPlaying = true;
  }

  pause(): void {
    this.isPlaying = false;
  }
}

beforeEach(() => {
  sounds = [];
  vi.stubGlobal("Audio", FakeAudio);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

interface Shown {
  chosen: string[];
  back: () => void;
}

function show(voices: readonly Voice[] = VOICES, engine = ENGINE): Shown {
  const shown: Shown = { chosen: [], back: vi.fn() };
  function Settings() {
    const [chosen, setChosen] = useState("arthur");
    const [favorites, setFavorites] = useState<FavoriteVoice[]>([
      { engine: "another", voice: "maori" },
    ]);
    return (
      <VoiceBrowser
        engine={engine}
        voices={voices}
        chosen={chosen}
        favorites={favorites}
        speed={1}
        error={null}
        onChoose={(voice) => {
          shown.chosen.push(voice);
          setChosen(voice);
        }}
        onFavorites={setFavorites}
        onBack={shown.back}
      />
    );
  }
  renderLoaded(<Settings />, voices);
  return shown;
}

function groups(): [title: string | null, voices: (string | null)[]][] {
  return screen.getAllByRole("group").map((group) => [
    within(group).getByRole("heading").textContent,
    within(group)
      .getAllByRole("radio")
      .map((voice) => voice.getAttribute("aria-label")),
  ]);
}

test("voices are named with their language, in groups, the one that speaks marked and focused", () => {
  show();
  expect(groups()).toEqual([
    [
      "Recommended",
      ["Arthur, British English, Low and calm, British", "Clara, German, Clear, German"],
    ],
    ["English", ["English, English"]],
    ["Other languages", ["Māori, Māori"]],
  ]);
  expect(screen.getByRole("radio", { checked: true })).toBe(document.activeElement);
});

test("of very many voices only the likely ones are shown, until one asks for all", async () => {
  const many = Array.from({ length: 60 }, (_, index) => voiceOf(`v${index}`, "sw"));
  show([...VOICES, ...many]);
  expect(screen.getAllByRole("radio")).toHaveLength(3);
  await userEvent.click(screen.getByRole("button", { name: "All languages (61 more voices)" }));
  expect(screen.getAllByRole("radio")).toHaveLength(64);
  expect(document.activeElement?.getAttribute("aria-label")).toBe("V0, Swahili");
});

test("a search finds without accents, tells how much, and says when there is nothing", async () => {
  show();
  const search = screen.getByRole("searchbox", { name: "Search voices" });
  await userEvent.type(search, "maori");
  expect(groups()).toEqual([["Other languages", ["Māori, Māori"]]]);
  expect(screen.getByRole("status").textContent).toBe("1 voice found");
  await userEvent.type(search, "x");
  expect(screen.getByRole("status").textContent).toBe("No voice matches “maorix”.");
  await userEvent.click(screen.getByRole("button", { name: "Clear the search" }));
  expect(document.activeElement).toBe(search);
  expect(screen.getAllByRole("radio")).toHaveLength(4);
});

test("all can be done by keys: to the voices, along them, to the search, and back", async () => {
  const { chosen, back } = show();
  await userEvent.keyboard("{ArrowDown}{Enter}");
  expect(chosen).toEqual(["clara"]);
  await userEvent.keyboard("{ArrowRight}");
  expect(document.activeElement?.getAttribute("aria-label")).toBe("Listen to Clara");
  await userEvent.keyboard("mao");
  const search = screen.getByRole<HTMLInputElement>("searchbox");
  expect([document.activeElement, search.value]).toEqual([search, "mao"]);
  await userEvent.keyboard("{ArrowDown} ");
  expect(chosen).toEqual(["clara", "maori"]);
  await userEvent.keyboard("{Escape}");
  expect([search.value, vi.mocked(back).mock.calls.length]).toEqual(["", 0]);
  await userEvent.keyboard("{Escape}");
  expect(back).toHaveBeenCalledOnce();
});

test("a favorite goes to the top, with the focus, and back again", async () => {
  show();
  await userEvent.click(screen.getByRole("button", { name: "Māori is a favorite" }));
  expect(groups()[0]).toEqual(["Favorites", ["Māori, Māori"]]);
  const star = screen.getByRole("button", { name: "Māori is a favorite" });
  expect(star.getAttribute("aria-pressed")).toBe("true");
  expect(document.activeElement).toBe(star);
  await userEvent.keyboard("{Enter}");
  expect(groups()[0]?.[0]).toBe("Recommended");
});

test("one voice is heard at a time", async () => {
  const sent = answerWith(() => new Response("RIFF"));
  show();
  await userEvent.click(screen.getByRole("button", { name: "Listen to Arthur" }));
  await screen.findByRole("button", { name: "Stop Arthur" });
  await userEvent.click(screen.getByRole("button", { name: "Listen to Clara" }));
  await screen.findByRole("button", { name: "Stop Clara" });
  expect(screen.queryByRole("button", { name: "Stop Arthur" })).toBeNull();
  await vi.waitFor(() => expect(sounds.map(({ isPlaying }) => isPlaying)).toEqual([false, true]));
  expect(sent.map(({ json }) => json)).toEqual([
    { engine: "espeak", voice: "arthur", speed: 1 },
    { engine: "espeak", voice: "clara", speed: 1 },
  ]);
  await userEvent.click(screen.getByRole("button", { name: "Stop Clara" }));
  expect(sounds.map(({ isPlaying }) => isPlaying)).toEqual([false, false]);
});

test("a voice that cannot be heard says why, beside it", async () => {
  answerWith(() => refused(503, "The engine is not running."));
  show();
  await userEvent.click(screen.getByRole("button", { name: "Listen to Clara" }));
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toBe("The engine is not running.");
  expect(alert.closest("[data-voice]")?.getAttribute("data-voice")).toBe("clara");
  expect(screen.getByRole("button", { name: "Listen to Clara" })).toBeTruthy();
});

test("what all voices say of themselves is said once", () => {
  const guessed = ["alloy", "echo"].map((id) => voiceOf(id, "und", { description: "A guess." }));
  show(guessed);
  expect(screen.getAllByText("A guess.")).toHaveLength(1);
});

test("voices of one's own are offered only by engines that can have them", () => {
  answerWith(() => []);
  show();
  expect(screen.queryByRole("button", { name: "Add a voice" })).toBeNull();
  cleanup();
  show(VOICES, CLONING);
  expect(screen.getByRole("button", { name: "Add a voice" })).toBeTruthy();
});

test("a voice of one's own is edited in place, and the focus comes back", async () => {
  let mara = { id: "arthur", name: "Mara", language: "en-GB", duration_s: 3, created_at: "" };
  const taken = Response.json(
    { error: { code: "conflict", message: "You have a voice 'Zoe' already." } },
    { status: 409 },
  );
  const sent = answerWith(({ method, json }) => {
    if (method === "GET") return [mara];
    const change = json as Partial<typeof mara>;
    if (change.name === "Zoe") return taken;
    mara = { ...mara, ...change };
    return mara;
  });
  const { back } = show(VOICES, CLONING);
  const open = await screen.findByRole("button", { name: "Edit Arthur" });
  await userEvent.click(open);
  const form = screen.getByRole("form", { name: "Edit Mara" });
  const name = within(form).getByLabelText<HTMLInputElement>("Name");
  expect([document.activeElement, open.getAttribute("aria-expanded")]).toEqual([name, "true"]);
  await userEvent.keyboard("Zoe{Enter}");
  expect((await within(form).findByRole("alert")).textContent).toContain("already");
  expect([document.activeElement, name.getAttribute("aria-invalid")]).toEqual([name, "true"]);
  await userEvent.keyboard("{Escape}");
  expect([document.activeElement, open.getAttribute("aria-expanded")]).toEqual([open, "false"]);
  expect(back).not.toHaveBeenCalled();
  await userEvent.click(open);
  await userEvent.selectOptions(screen.getByLabelText("Reads"), "German");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await vi.waitFor(() => expect(screen.queryByRole("form")).toBeNull());
  expect(document.activeElement).toBe(open);
  const changes = sent.filter(({ method }) => method === "PATCH");
  expect(changes.map(({ json }) => json)).toEqual([{ name: "Zoe" }, { language: "de" }]);
});
