import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRef, useState } from "react";
import { afterEach, expect, test } from "vitest";
import { PromptBox } from "./PromptBox";
import type { PromptAction, PromptMode } from "./promptRules";

afterEach(cleanup);

const AUDIO: PromptMode = { audio: true, realtime: false };

interface HeldBoxProps {
  work: PromptAction | null;
  mode: PromptMode;
  firstText: string;
  onDone: (done: string) => void;
}

function HeldBox({ work, mode, firstText, onDone }: HeldBoxProps) {
  const [text, setText] = useState(firstText);
  return (
    <PromptBox
      boxRef={createRef()}
      text={text}
      work={work}
      mode={mode}
      onText={setText}
      onAction={(action) => onDone(`${action}: ${text}`)}
      onStop={() => onDone("stop")}
    />
  );
}

function show(work: PromptAction | null = null, mode = AUDIO, firstText = "") {
  const done: string[] = [];
  render(
    <HeldBox work={work} mode={mode} firstText={firstText} onDone={(what) => done.push(what)} />,
  );
  return done;
}

function button(name: string): HTMLButtonElement {
  return screen.getByRole<HTMLButtonElement>("button", { name });
}

/** Proves 003-K6: the button, before and while it works. */
test("the main button starts, and is busy and dead while the scene is generated", async () => {
  const done = show();
  await userEvent.click(button("Generate Scene with TTS"));
  expect(done).toEqual(["narrate: "]);
  cleanup();
  show("narrate");
  expect(button("Generating with audio...").disabled).toBe(true);
  expect(button("Generating with audio...").getAttribute("aria-busy")).toBe("true");
});

test("while a scene is generated it can be stopped, and nothing else started", async () => {
  const done = show("narrate");
  await userEvent.type(screen.getByLabelText("What happens next?"), "Then{Enter}");
  await userEvent.click(button("Stop"));
  expect(done).toEqual(["stop"]);
});

test("Enter sends the prompt, Shift+Enter makes a line", async () => {
  const done = show();
  const box = screen.getByLabelText("What happens next?");
  await userEvent.type(box, "A door{Shift>}{Enter}{/Shift}opens{Enter}");
  await userEvent.type(box, "{Control>}{Enter}{/Control}");
  expect(done).toEqual(["write: A door\nopens", "narrate: A door\nopens"]);
});

test("without speech only writing is offered", () => {
  show(null, { audio: false, realtime: true });
  expect(screen.queryByRole("button", { name: "Generate Scene with TTS" })).toBeNull();
  expect(button("Write without audio").disabled).toBe(false);
});

test("a prompt over the limit is named as such and cannot be sent", async () => {
  const done = show(null, AUDIO, "a".repeat(8001));
  expect(screen.getByText("1 character too many; 8,000 fit.")).toBeTruthy();
  expect(button("Generate Scene with TTS").disabled).toBe(true);
  await userEvent.type(screen.getByLabelText("What happens next?"), "{Enter}");
  expect(done).toEqual([]);
});
