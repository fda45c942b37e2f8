import { act, cleanup, renderHook } from "@testing-library/react";
import { StrictMode } from "react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ramp, Script } from "../store/narrative.fixture";
import { DeckOutput, environmentOf, JournalServer } from "../transport/server.fixture";
import { type UseStreamingTTSOptions, useStreamingTTS } from "./useStreamingTTS";

let server: JournalServer;
let output: DeckOutput;

beforeEach(() => {
  server = new JournalServer(
    new Script().sentence("One. ", 2).sentence("Two.", 2).complete(9).events,
  );
  output = new DeckOutput();
});
afterEach(cleanup);

function render(options: Partial<UseStreamingTTSOptions> = {}) {
  const environment = environmentOf(server, output);
  const initialProps = { storyId: 5, ...options };
  return renderHook((props: UseStreamingTTSOptions) => useStreamingTTS(props, environment), {
    initialProps,
    wrapper: StrictMode,
  });
}

/** A hook whose generation is started and connected; nothing is released yet. */
async function started(options: Partial<UseStreamingTTSOptions> = {}) {
  const hook = render(options);
  await act(() => hook.result.current.startGeneration());
  await act(() => vi.waitFor(() => expect(server.heard).toHaveLength(1)));
  return hook;
}

describe("useStreamingTTS", () => {
  test("returns the five names of the contract. Proves 003-K1.", () => {
    expect(render().result.current).toMatchObject({
      startGeneration: expect.any(Function),
      stopGeneration: expect.any(Function),
      isGenerating: false,
      isPlaying: false,
      accumulatedText: "",
    });
  });

  test("streams text and sound and completes. Proves 003-K3.", async () => {
    const onTextChunk = vi.fn();
    const onComplete = vi.fn();
    const { result } = await started({ onTextChunk, onComplete });
    expect(result.current).toMatchObject({ isGenerating: true, phase: "generating" });
    act(() => server.release());
    act(() => void output.render(1000));
    expect(result.current).toMatchObject({
      isGenerating: false,
      isPlaying: true,
      accumulatedText: "One. Two.",
      phase: "complete",
      bufferedSamples: 9600,
    });
    expect(result.current.sentences).toHaveLength(2);
    expect(onTextChunk.mock.calls).toEqual([["One. "], ["Two."]]);
    expect(onComplete.mock.calls).toEqual([[9]]);
    act(() => void output.render(10_000));
    expect(result.current).toMatchObject({ isPlaying: false, playback: "ended" });
  });

  test("asks for sound inside the click, before anything is awaited", async () => {
    const { result } = render();
    const starting = act(() => {
      const promise = result.current.startGeneration();
      expect(output.resumes).toBe(1);
      expect(server.requests).toHaveLength(1);
      return promise;
    });
    await starting;
  });

  test("starts with a form and begins afresh each time. Proves 003-K2.", async () => {
    const requested: [string, RequestInit][] = [];
    const environment = {
      ...environmentOf(server, output),
      fetch: (url: string, init: RequestInit) => {
        requested.push([url, init]);
        return server.answer(url);
      },
    };
    const { result } = renderHook(() => {
      return useStreamingTTS({ storyId: 5, customPrompt: "a storm & rain" }, environment);
    });
    await act(() => result.current.startGeneration());
    const [url, init] = requested[0] ?? [];
    expect(url).toBe("/api/stories/5/scenes/generate-with-tts-stream");
    expect(init).toMatchObject({ method: "POST", credentials: "same-origin" });
    expect(String(init?.body)).toBe("custom_prompt=a+storm+%26+rain&enable_tts_stream=true");
    await act(() => vi.waitFor(() => expect(server.isConnected).toBe(true)));
    act(() => server.release());
    expect(result.current.accumulatedText).toBe("One. Two.");
    let again = Promise.resolve();
    act(() => {
      again = result.current.startGeneration();
    });
    expect(result.current).toMatchObject({
      accumulatedText: "",
      phase: "connecting",
      isGenerating: true,
    });
    await act(() => again);
  });

  test.each([
    ["Failed to start generation", () => new Response("<h1>502</h1>", { status: 502 })],
    [
      "No answer from X.",
      () => {
        const error = { code: "llm_unreachable", message: "No answer from X." };
        return Response.json({ error }, { status: 502 });
      },
    ],
  ])("a refused start says %j. Proves 003-K2.", async (message, answer) => {
    server.startAnswer = answer;
    const onError = vi.fn();
    const { result } = render({ onError });
    await act(() => result.current.startGeneration());
    expect(onError.mock.calls).toEqual([[message]]);
    expect(result.current).toMatchObject({
      isGenerating: false,
      phase: "failed",
      error: { message },
    });
  });

  test("a connection that is refused for good ends the generation. Proves 003-K4.", async () => {
    const onError = vi.fn();
    const { result } = await started({ onError });
    act(() => server.kill(4404));
    expect(result.current).toMatchObject({ isGenerating: false, phase: "failed" });
    expect(onError).toHaveBeenCalledExactlyOnceWith("This narration is no longer on the server.");
  });

  test("stopping silences, resets the flags and keeps what there is. Proves 003-K5.", async () => {
    const { result } = await started();
    act(() => server.release(6));
    act(() => void output.render(1000));
    act(() => result.current.stopGeneration());
    expect(result.current).toMatchObject({
      isGenerating: false,
      isPlaying: false,
      playback: "paused",
      accumulatedText: "One. ",
    });
    expect(server.heard.at(-1)).toEqual({ type: "stop", keep: true });
  });

  test("stopping before the server has answered stops the session that it then makes", async () => {
    const { result } = render();
    await act(async () => {
      const starting = result.current.startGeneration();
      result.current.stopGeneration();
      await starting;
    });
    expect(server.requests.at(-1)).toBe("/api/sessions/s1/stop");
    expect(server.urls).toEqual([]);
    expect(result.current).toMatchObject({ isGenerating: false, phase: "idle" });
  });

  test("unmounting closes the connection and the player. Proves 003-K5.", async () => {
    const { unmount } = await started();
    unmount();
    expect(server.isConnected).toBe(false);
    expect(output.disposed).toBe(1);
  });

  test("calls the latest callbacks and keeps its functions", async () => {
    const { result, rerender } = await started({ onTextChunk: () => expect.unreachable() });
    const { startGeneration } = result.current;
    const onTextChunk = vi.fn();
    rerender({ storyId: 5, onTextChunk });
    act(() => server.release(1));
    expect(onTextChunk).toHaveBeenCalledWith("One. ");
    expect(result.current.startGeneration).toBe(startGeneration);
  });

  test("gives decoded sound as base64 to whoever listens", async () => {
    const sentences: number[] = [];
    const bytes: number[] = [];
    await started({
      onAudioChunk: (audio, sentence) => {
        sentences.push(sentence);
        bytes.push(...Array.from(atob(audio), (letter) => letter.charCodeAt(0)));
      },
    });
    act(() => server.release());
    expect(sentences).toEqual([0, 0, 1, 1]);
    expect(new Int16Array(Uint8Array.from(bytes).buffer)).toEqual(ramp(0, 9600));
  });

  test("joins a session that runs already, once", async () => {
    const { result } = render();
    const url = "/ws/scene-generation/s1?ticket=a";
    act(() => {
      result.current.attach("s1", url);
      result.current.attach("s1", url);
    });
    await act(() => vi.waitFor(() => expect(server.heard).toHaveLength(1)));
    act(() => server.release());
    expect(server.urls).toHaveLength(1);
    expect(result.current).toMatchObject({ accumulatedText: "One. Two.", phase: "complete" });
  });

  test("speed and volume set before a session hold in it", async () => {
    const hook = render();
    act(() => {
      hook.result.current.setSpeed(1.5);
      hook.result.current.setVolume(0.5);
      hook.result.current.setMuted(true);
    });
    await act(() => hook.result.current.startGeneration());
    const state = hook.result.current.session?.getSnapshot();
    expect(state).toMatchObject({ speed: 1.5, volume: 0.5, muted: true });
  });

  test("re-renders by events, not by frames", async () => {
    server = new JournalServer(new Script().sentence("A long one.", 200).events);
    let renders = 0;
    const environment = environmentOf(server, output);
    const { result } = renderHook(() => {
      renders += 1;
      return useStreamingTTS({ storyId: 5 }, environment);
    });
    await act(() => result.current.startGeneration());
    await act(() => vi.waitFor(() => expect(server.isConnected).toBe(true)));
    renders = 0;
    for (let i = 0; i < 204; i++) act(() => server.release(1));
    expect(renders).toBeLessThan(60);
  });
});
