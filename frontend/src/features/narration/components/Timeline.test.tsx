import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRef } from "react";
import { afterEach, expect, test } from "vitest";
import type { SentenceState } from "../store/narrationStore";
import { Timeline } from "./Timeline";

afterEach(cleanup);

function sentence(index: number, status: SentenceState["status"]): SentenceState {
  return {
    index,
    text: `Sentence ${index}.`,
    charStart: 0,
    charEnd: 0,
    start: index * 24_000,
    samples: status === "failed" ? 0 : 24_000,
    words: [],
    wordsSource: null,
    status,
    failure: null,
  };
}

function show(current: number) {
  const sought: number[] = [];
  const sentences = [
    sentence(0, "done"),
    sentence(1, "failed"),
    sentence(2, "done"),
    sentence(3, "done"),
    sentence(4, "speaking"),
  ];
  const view = render(
    <Timeline
      ref={createRef()}
      sentences={sentences}
      current={current}
      open
      onSeek={(index) => sought.push(index)}
    />,
  );
  return { sought, view };
}

test("heard, spoken, ready, failed and unfinished sentences are told apart", () => {
  const { view } = show(2);
  const states = [...view.container.querySelectorAll<HTMLElement>("[data-state]")];
  expect(states.map((element) => element.dataset.state)).toEqual([
    "heard",
    "failed",
    "now",
    "ready",
    "speaking",
  ]);
});

test("screen readers hear where the voice is", () => {
  show(2);
  expect(screen.getByRole("slider", { name: "Sentence" }).getAttribute("aria-valuetext")).toBe(
    "3 of 5",
  );
});

test("arrow keys, Home and End go from sentence to sentence", async () => {
  const { sought } = show(2);
  screen.getByRole("slider").focus();
  await userEvent.keyboard("{ArrowRight}{ArrowLeft}{Home}{End}");
  expect(sought).toEqual([3, 1, 0, 4]);
});

test("a click jumps to the sentence", async () => {
  const { sought, view } = show(0);
  await userEvent.click(view.container.querySelector("[data-index='3']") as Element);
  expect(sought).toEqual([3]);
});
