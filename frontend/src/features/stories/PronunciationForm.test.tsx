import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { PronunciationForm } from "./PronunciationForm";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show() {
  const sent: unknown[] = [];
  vi.stubGlobal("fetch", async (_url: string, init: RequestInit) => {
    sent.push(JSON.parse(String(init.body)));
    return Response.json(sent.at(-1));
  });
  const hear = { text: null, error: null, toggle: vi.fn() };
  const close = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <PronunciationForm storyId={1} saved={[]} hear={hear} onClose={close} />
    </QueryClientProvider>,
  );
  return { sent, hear, close };
}

test("an entry is written, heard and saved", async () => {
  const { sent, hear, close } = show();
  expect(screen.getByRole("button", { name: "Hear word 1" })).toHaveProperty("disabled", true);
  await userEvent.type(screen.getByLabelText("Written"), "Siobhan");
  await userEvent.type(screen.getByLabelText("Spoken"), "Shivawn");
  await userEvent.click(screen.getByRole("button", { name: "Hear Siobhan" }));
  expect(hear.toggle).toHaveBeenCalledWith("Shivawn");
  await userEvent.click(screen.getByRole("button", { name: "Add a word" }));
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await vi.waitFor(() => expect(close).toHaveBeenCalled());
  expect(sent).toEqual([{ entries: [{ phrase: "Siobhan", spoken: "Shivawn" }] }]);
});

test("a half written entry is not sent, and says what it lacks", async () => {
  const { sent } = show();
  await userEvent.type(screen.getByLabelText("Written"), "Siobhan");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(screen.getByText("Enter how it is said.")).toBeTruthy();
  expect(sent).toEqual([]);
});
