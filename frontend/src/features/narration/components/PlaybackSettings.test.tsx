import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { devicePlayback } from "../audio/devicePlayback";
import { PlaybackSettings } from "./PlaybackSettings";

afterEach(() => {
  cleanup();
  devicePlayback.setState(devicePlayback.getInitialState());
});

test("the buffer is the larger one until somebody wants the quicker one, and is kept", async () => {
  render(<PlaybackSettings />);
  const robust = screen.getByRole("switch", { name: "Robust audio" });
  expect(robust.getAttribute("aria-checked")).toBe("true");
  expect(screen.getAllByText(/Applies from the next scene that starts to play/)).toHaveLength(2);
  await userEvent.click(robust);
  expect(devicePlayback.getState().robustAudio).toBe(false);
  expect(localStorage.getItem("rhapsode.playback")).toContain('"robustAudio":false');
});

test("scenes play through a locked screen where somebody wants that, and it is kept", async () => {
  render(<PlaybackSettings />);
  const lock = screen.getByRole("switch", { name: "Play on when the screen is locked" });
  expect(lock.getAttribute("aria-checked")).toBe("false");
  await userEvent.click(lock);
  expect(devicePlayback.getState().throughLock).toBe(true);
  expect(localStorage.getItem("rhapsode.playback")).toContain('"throughLock":true');
});

test("the highlight comes later or sooner by up to half a second, and back again", async () => {
  render(<PlaybackSettings />);
  const timing = screen.getByRole<HTMLInputElement>("slider", { name: "Highlight timing" });
  const reset = screen.getByRole<HTMLButtonElement>("button", { name: "Reset" });
  expect([timing.min, timing.max, timing.value, reset.disabled]).toEqual([
    "-500",
    "500",
    "0",
    true,
  ]);
  fireEvent.change(timing, { target: { value: "180" } });
  expect(timing.getAttribute("aria-valuetext")).toBe("180 ms later");
  expect(devicePlayback.getState().highlightDelayMs).toBe(180);
  fireEvent.change(timing, { target: { value: "-40" } });
  expect(timing.getAttribute("aria-valuetext")).toBe("40 ms sooner");
  await userEvent.click(reset);
  expect(devicePlayback.getState().highlightDelayMs).toBe(0);
});
