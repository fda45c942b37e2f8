import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import type { WriterSettings } from "@/api/types";
import { answerWith, renderLoaded } from "./settings.fixture";
import { WriterTab } from "./WriterTab";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("a language model is entered by hand, and writes once it has an address and a name", async () => {
  let saved: WriterSettings = {
    provider: "builtin",
    base_url: null,
    model: null,
    has_api_key: false,
    max_tokens: 1500,
    temperature: 0.8,
  };
  const sent = answerWith(({ method, path, json }) => {
    if (path.startsWith("/api/llm/models")) return { models: ["qwen"] };
    if (path === "/api/llm/servers") return [];
    if (method === "PUT") saved = { ...saved, ...(json as object) };
    return saved;
  });
  renderLoaded(<WriterTab />);
  await userEvent.click(await screen.findByRole("radio", { name: "A language model" }));
  expect(screen.getByText(/the built-in storyteller goes on writing/)).toBeTruthy();
  await userEvent.type(screen.getByLabelText("Address"), "http://localhost:11434/v1{Enter}");
  await userEvent.type(screen.getByLabelText("Model"), "qwen{Enter}");
  await vi.waitFor(() =>
    expect(screen.queryByText(/the built-in storyteller goes on writing/)).toBeNull(),
  );
  expect(sent.filter(({ method }) => method === "PUT").map(({ json }) => json)).toEqual([
    { base_url: "http://localhost:11434/v1" },
    { model: "qwen", provider: "openai" },
  ]);
  expect(screen.getByRole<HTMLInputElement>("radio", { checked: true }).value).toBe("openai");
});
