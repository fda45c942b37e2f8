import { cleanup, render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { type Command, commandFor, SHORTCUTS } from "./shortcuts";
import { useShortcuts } from "./useShortcuts";

afterEach(cleanup);

const BARE = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };

test("every shortcut of the list is understood", () => {
  for (const { key, shift, command } of SHORTCUTS) {
    expect(commandFor({ ...BARE, key, shiftKey: shift ?? false })).toBe(command);
  }
});

test("Shift parts scenes from sentences", () => {
  expect(commandFor({ ...BARE, key: "ArrowRight" })).toBe("next-sentence");
  expect(commandFor({ ...BARE, key: "ArrowRight", shiftKey: true })).toBe("next-scene");
});

test("characters are meant, however a keyboard types them", () => {
  expect(commandFor({ ...BARE, key: "?", shiftKey: true })).toBe("shortcuts");
  expect(commandFor({ ...BARE, key: "/", shiftKey: true })).toBe("prompt");
  expect(commandFor({ ...BARE, key: "]", altKey: true })).toBe("faster");
});

test("the browser's own shortcuts are left alone", () => {
  expect(commandFor({ ...BARE, key: "s", ctrlKey: true })).toBeNull();
  expect(commandFor({ ...BARE, key: "f", metaKey: true })).toBeNull();
  expect(commandFor({ ...BARE, key: "ArrowLeft", altKey: true })).toBeNull();
});

const ALL: readonly Command[] = SHORTCUTS.map(({ command }) => command);

function Page({ onCommand }: { onCommand: (command: Command) => void }) {
  useShortcuts(Object.fromEntries(ALL.map((command) => [command, () => onCommand(command)])));
  return (
    <>
      <textarea aria-label="prompt" />
      <button type="button">Stop</button>
      <div role="dialog">
        <button type="button">Close</button>
      </div>
    </>
  );
}

function show() {
  const done: Command[] = [];
  const view = render(<Page onCommand={(command) => done.push(command)} />);
  const focus = (selector: string) => view.container.querySelector<HTMLElement>(selector)?.focus();
  return { done, focus };
}

test("keys work anywhere on the page", async () => {
  const { done } = show();
  await userEvent.keyboard(" gm[[/]?");
  expect(done).toEqual([
    "toggle-playback",
    "generate",
    "mute",
    "slower",
    "prompt",
    "faster",
    "shortcuts",
  ]);
});

test("never while typing", async () => {
  const { done, focus } = show();
  focus("textarea");
  await userEvent.keyboard(" gs?{ArrowLeft}/");
  expect(done).toEqual([]);
});

test("a button keeps the space bar for itself", async () => {
  const { done, focus } = show();
  focus("button");
  await userEvent.keyboard(" m{ArrowRight}");
  expect(done).toEqual(["mute", "next-sentence"]);
});

test("a dialog keeps every key for itself", async () => {
  const { done, focus } = show();
  focus("[role='dialog'] button");
  await userEvent.keyboard("gm{ArrowRight}");
  expect(done).toEqual([]);
});
