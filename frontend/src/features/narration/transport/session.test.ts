import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OPUS_HEAD } from "../audio/opus.fixture";
import { toFloat, withoutSilence } from "../audio/playhead.fixture";
import type { NarrationError } from "../store/narrationStore";
import { ramp, Script, told } from "../store/narrative.fixture";
import { DeckOutput, environmentOf, JournalServer } from "./server.fixture";
import { NarrationSession } from "./session";

const ADDRESS = { sessionId: "s1", websocketUrl: "/ws/scene-generation/s1?ticket=0" };
const LOCAL = "http://localhost:9876/";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function settle(ms = 0): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

/** A session that is connected to a server with this journal, of which nothing is released yet. */
async function listening(journal = new Script(), pageUrl = LOCAL, askedAt: number | null = null) {
  const server = new JournalServer(journal.events);
  const output = new DeckOutput();
  const texts: string[] = [];
  const completed: number[] = [];
  const errors: NarrationError[] = [];
  const listeners = {
    text: (text: string) => texts.push(text),
    complete: (sceneId: number) => completed.push(sceneId),
    error: (error: NarrationError) => errors.push(error),
  };
  const environment = environmentOf(server, output, pageUrl);
  const session = new NarrationSession(environment, 1, ADDRESS, listeners, askedAt);
  session.open();
  await settle();
  const { network } = environment;
  return { server, output, network, session, texts, completed, errors, state: session.getSnapshot };
}

const twoSentences = () => new Script().sentence("One. ", 10).sentence("Two.", 10);

describe("a whole scene", () => {
  test("is shown and heard to the last sample", async () => {
    const { server, output, state, texts, completed } = await listening(twoSentences().complete(9));
    server.release();
    expect(state()).toMatchObject({ phase: "complete", playback: "buffering", text: "One. Two." });
    const heard = output.render(50_000);
    expect(heard.subarray(0, 48_000)).toEqual(toFloat(ramp(0, 48_000)));
    expect(state()).toMatchObject({ playback: "ended", totalSamples: 48_000, underruns: 0 });
    expect(texts.join("")).toBe("One. Two.");
    expect(completed).toEqual([9]);
    expect(server.closedWith).toEqual([1000]);
  });

  test("asks for everything at once, in plain samples on this machine", async () => {
    const { server } = await listening();
    expect(server.urls).toEqual(["ws://localhost:9876/ws/scene-generation/s1?ticket=0"]);
    expect(server.heard).toEqual([
      { type: "start", v: 1, after_seq: 0, codecs: ["pcm_s16le"], window_ms: 3_600_000 },
    ]);
  });

  test("any kills and re-sends leave the same text and the same sound", async () => {
    const script = twoSentences().sentence(" Three 🦊.", 5).complete();
    const fault = fc.record({
      after: fc.integer({ min: 1, max: 8 }),
      resent: fc.nat(6),
      killed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 15 }), async (faults) => {
        const { server, output, session, state } = await listening(script);
        let released = 0;
        for (const { after, resent, killed } of faults) {
          server.release(after);
          released = Math.min(script.events.length, released + after);
          server.resend(Math.max(0, released - resent), released);
          if (killed) server.kill();
          await settle(200);
        }
        server.release();
        await settle(8000);
        const { phase, text, sentences } = told(script.events).view;
        expect(state()).toMatchObject({ phase, text, sentences });
        const heard = withoutSilence(output.render(80_000)).subarray(0, 60_000);
        expect(heard).toEqual(toFloat(ramp(0, 60_000)));
        session.dispose();
      }),
      { numRuns: 12 },
    );
  }, 30_000);
});

describe("a lost connection", () => {
  test("is resumed after the last event, with a fresh ticket, while the sound plays on", async () => {
    const { server, output, state } = await listening(twoSentences());
    server.release(8);
    output.render(1000);
    server.kill();
    expect(state()).toMatchObject({ phase: "reconnecting", playback: "playing", reconnects: 1 });
    expect(output.render(1000).every((sample) => sample !== 0)).toBe(true);
    await settle(100);
    expect(server.urls.at(-1)).toContain("ticket=1");
    expect(server.heard.at(-1)).toMatchObject({ type: "start", after_seq: 8 });
    expect(state().phase).toBe("generating");
  });

  test("is tried again ever more slowly, up to 8 s", async () => {
    const { server } = await listening();
    server.ticketStatus.push(...new Array(20).fill(503));
    const times: number[] = [];
    const began = Date.now();
    server.kill(1012);
    for (let seen = 0; times.length < 10; ) {
      await settle(50);
      if (server.requests.length > seen) times.push(Date.now() - began);
      seen = server.requests.length;
    }
    const waits = times.map((time, i) => time - (times[i - 1] ?? 0));
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 8000, 8000, 8000]);
  });

  test("is tried again at once when the network is back", async () => {
    const { server, network, state } = await listening(twoSentences());
    server.release(8);
    server.ticketStatus.push(...new Array(7).fill(503));
    server.kill();
    await settle(16_000);
    const tries = server.requests.length;
    network.dispatchEvent(new Event("online"));
    await settle(100);
    expect(server.requests.length).toBe(tries + 1);
    expect(server.heard.at(-1)).toMatchObject({ type: "start", after_seq: 8 });
    expect(state().phase).toBe("generating");
  });

  test("is noticed when the network is back, since what was open went through another", async () => {
    const { server, network, state } = await listening(twoSentences());
    server.release(8);
    network.dispatchEvent(new Event("online"));
    expect(state().phase).toBe("reconnecting");
    await settle(100);
    expect(server.heard.at(-1)).toMatchObject({ type: "start", after_seq: 8 });
    expect(state().phase).toBe("generating");
  });

  test("a gap closes with 4000 and is filled", async () => {
    const { server, state } = await listening(twoSentences());
    server.release(2);
    server.resend(5, 6);
    expect(server.closedWith).toEqual([4000]);
    await settle(100);
    server.release();
    expect(state()).toMatchObject({ phase: "generating", text: "One. Two." });
  });

  test("a dead connection is noticed though nobody closed it", async () => {
    const { server } = await listening();
    await settle(20_000);
    expect(server.heard.filter(({ type }) => type === "ping")).toHaveLength(2);
    await settle(11_000);
    expect(server.closedWith).toEqual([4000]);
    expect(server.urls).toHaveLength(2);
  });
});

describe("an end by refusal", () => {
  test("a used ticket is replaced once; the second refusal is final", async () => {
    const { server, state, errors } = await listening();
    server.refuseWith.push(4401, 4401);
    server.kill();
    await settle(1000);
    expect(server.urls).toHaveLength(3);
    expect(state()).toMatchObject({ phase: "failed", error: { code: "not_authenticated" } });
    expect(errors).toHaveLength(1);
  });

  test.each([
    [4403, "not_yours"],
    [4404, "unknown_session"],
    [4409, "superseded"],
  ])("close code %i is final, and what was received still plays", async (code, reason) => {
    const { server, output, state } = await listening(twoSentences());
    server.release(6);
    server.kill(code);
    await settle(20_000);
    expect(server.urls).toHaveLength(1);
    expect(state()).toMatchObject({ phase: "failed", error: { code: reason }, text: "One. " });
    output.render(20_000);
    expect(state()).toMatchObject({ playback: "ended", totalSamples: 9600 });
  });

  test("a ticket that is refused for good ends the session", async () => {
    const { server, state } = await listening();
    server.ticketStatus.push(404);
    server.kill();
    await settle(1000);
    expect(state().error?.code).toBe("unknown_session");
  });

  test("a server that keeps breaking the protocol is given up", async () => {
    const { server, state, errors } = await listening();
    for (let i = 0; i < 3; i++) {
      server.deliver('{"type":"text_chunk"}');
      await settle(1000);
    }
    expect(state()).toMatchObject({ phase: "failed", error: { code: "protocol" } });
    expect(errors).toHaveLength(1);
    expect(server.isConnected).toBe(false);
  });

  test("an error of the server is told in its words", async () => {
    const failure = { code: "llm_unreachable", message: "No answer from X.", scene_id: 3 };
    const script = new Script().text("Once");
    script.say({ type: "error", ...failure, fatal: true, retry_after_ms: null });
    const { server, state, errors } = await listening(script);
    server.release();
    expect(state()).toMatchObject({ phase: "failed", text: "Once", sceneId: 3 });
    const { code, message } = failure;
    expect(errors).toEqual([{ code, message, retryAfterMs: null }]);
  });
});

describe("stop", () => {
  const stopped = { type: "stopped", reason: "client", at_sample: 14_400, scene_id: 3 } as const;

  test("silences at once, keeps the socket until the server has stopped, keeps what there is", async () => {
    const { server, output, session, state } = await listening(twoSentences());
    server.release(8);
    output.render(1000);
    session.stop();
    expect(state().playback).toBe("paused");
    expect(
      output
        .render(2400)
        .subarray(120)
        .every((sample) => sample === 0),
    ).toBe(true);
    expect(server.heard.at(-1)).toEqual({ type: "stop", keep: true });
    expect(server.isConnected).toBe(true);
    server.deliver(JSON.stringify({ ...stopped, seq: 9 }));
    expect(state()).toMatchObject({ phase: "stopped", sceneId: 3, totalSamples: 14_400 });
    expect(server.isConnected).toBe(false);
    session.resume();
    output.render(20_000);
    expect(state().playback).toBe("ended");
  });

  test("without a socket goes by HTTP, and is said again on reconnect", async () => {
    const { server, session } = await listening(twoSentences());
    server.kill();
    session.stop();
    expect(server.requests).toEqual(["/api/sessions/s1/stop"]);
    await settle(200);
    expect(server.heard.at(-1)).toEqual({ type: "stop", keep: true });
  });

  test("that nobody confirms is done after five seconds", async () => {
    const { session, state, errors } = await listening(twoSentences());
    session.stop();
    await settle(5000);
    expect(state().phase).toBe("stopped");
    expect(errors).toEqual([]);
  });
});

describe("the listener", () => {
  test("acknowledges every 250 ms while playing, and not while paused", async () => {
    const { server, output, session } = await listening(twoSentences());
    server.release();
    for (let i = 0; i < 10; i++) {
      output.render(2400);
      await settle(100);
    }
    session.pause();
    output.render(2400);
    const acks = server.heard.filter((message) => message.type === "ack");
    expect(acks.length).toBeGreaterThanOrEqual(3);
    expect(acks.length).toBeLessThanOrEqual(5);
    expect(acks.at(-1)).toMatchObject({ seq: 28, window_ms: 3_600_000 });
    expect(acks.at(-1)?.played_sample).toBeGreaterThan(14_000);
    await settle(1000);
    expect(server.heard.filter(({ type }) => type === "ack")).toHaveLength(acks.length);
  });

  test("tells the server how often the sound ran out", async () => {
    const { server, output } = await listening(twoSentences());
    server.release(8);
    output.render(30_000);
    await settle(300);
    server.release();
    output.render(4800);
    await settle(300);
    output.render(4800);
    expect(server.heard.at(-1)).toMatchObject({ type: "ack", underruns: 1 });
  });

  test("knows how long it took from the click to the first words and the first sound", async () => {
    const asked = Date.now();
    const { server, output, state } = await listening(twoSentences().complete(), LOCAL, asked);
    await settle(300);
    server.release(2);
    expect(state().timings).toEqual({ firstTextMs: 300, firstSoundMs: null, server: null });
    await settle(200);
    server.release();
    output.render(2400);
    expect(state().timings).toMatchObject({ firstTextMs: 300, firstSoundMs: 500 });
    expect(state().timings.server?.rtf).toBe(0.02);
  });

  test("moves by sentence", async () => {
    const { server, output, session } = await listening(twoSentences().sentence("Three.", 20));
    server.release();
    output.render(1000);
    const place = () => {
      output.render(256);
      return session.cursor()?.sentence;
    };
    session.skipNext();
    expect(place()).toBe(1);
    session.skipPrevious();
    expect(place()).toBe(0);
    session.seekToSentence(2);
    expect(place()).toBe(2);
    output.render(30_000);
    session.skipPrevious();
    expect(place()).toBe(2);
    session.seekToSample(25_000);
    expect(place()).toBe(1);
  });

  test("beyond what is generated asks the server to skip, and goes there when it begins", async () => {
    const script = new Script().sentence("One. ", 10);
    const { server, output, session, state } = await listening(script);
    server.release();
    output.render(1000);
    session.skipNext();
    expect(server.heard.at(-1)).toEqual({ type: "skip", to_sentence: 1 });
    output.render(1000);
    expect(state().playback).toBe("buffering");
    const events = twoSentences().events.slice(script.events.length);
    server.add(...events);
    server.release();
    output.render(1000);
    expect(state().playback).toBe("playing");
    expect(session.cursor()).toMatchObject({ sentence: 1 });
  });

  test("can be left to pause at the sentence's end, also when that is not generated yet", async () => {
    const { server, output, session, state } = await listening(twoSentences().complete());
    server.release(7);
    output.render(2400);
    expect(state()).toMatchObject({ playback: "playing" });
    session.pauseAfterSentence();
    output.render(4800);
    server.release();
    output.render(2400);
    output.render(48_000);
    expect(state()).toMatchObject({ playback: "paused", totalSamples: 48_000 });
    expect(session.cursor()).toMatchObject({ position: 24_000, sentence: 1 });
    session.resume();
    output.render(48_000);
    expect(state().playback).toBe("ended");
  });

  test("takes a pause at the sentence's end back by moving on", async () => {
    const { server, output, session, state } = await listening(twoSentences().complete());
    server.release();
    output.render(2400);
    session.pauseAfterSentence();
    session.skipNext();
    output.render(48_000);
    expect(state().playback).toBe("ended");
  });

  test("after the end hears it again from the beginning", async () => {
    const { server, output, session, state } = await listening(twoSentences().complete());
    server.release();
    output.render(50_000);
    session.resume();
    expect(output.render(1000).subarray(0, 1000)).toEqual(toFloat(ramp(0, 1000)));
    output.render(50_000);
    expect(state().playback).toBe("ended");
    session.seekToSentence(1);
    output.render(1000);
    expect(session.cursor()?.sentence).toBe(1);
  });

  test("sets speed, volume and mute within their limits", async () => {
    const { session, state } = await listening();
    session.setSpeed(9);
    session.setVolume(-1);
    session.setMuted(true);
    expect(state()).toMatchObject({ speed: 2, volume: 0, muted: true });
  });
});

describe("sound that the browser withholds", () => {
  test("is gathered while locked and plays from sample 0 after one click", async () => {
    const { server, output, session, state } = await listening(twoSentences());
    output.become("locked");
    server.release();
    expect(state()).toMatchObject({ playback: "locked", text: "One. Two." });
    session.unlock();
    expect(output.resumes).toBe(1);
    output.become("running");
    expect(output.render(1000).subarray(0, 1000)).toEqual(toFloat(ramp(0, 1000)));
    expect(state().playback).toBe("playing");
  });

  test("and will never give leaves the text, and says why", async () => {
    const { server, output, state, completed } = await listening(twoSentences().complete());
    output.become("unavailable", "No sound here.");
    server.release();
    expect(state()).toMatchObject({
      phase: "complete",
      playback: "locked",
      text: "One. Two.",
      error: { code: "audio_unavailable", message: "No sound here." },
    });
    expect(completed).toEqual([7]);
    output.become("running");
    expect(state().error).toBeNull();
  });

  test("does not hide a graver error", async () => {
    const { server, output, state } = await listening();
    output.become("unavailable", "No sound here.");
    server.kill(4404);
    expect(state().error?.code).toBe("unknown_session");
  });
});

test("a missing Opus decoder is replaced by plain samples from the beginning", async () => {
  vi.doMock("opus-decoder", () => {
    throw new Error("blocked");
  });
  const server = new JournalServer(twoSentences().complete().events);
  server.codec = "opus";
  server.opusHead = OPUS_HEAD;
  const output = new DeckOutput();
  const environment = environmentOf(server, output, "https://rhapsode.example/");
  const session = new NarrationSession(environment, 1, ADDRESS, {
    text: () => undefined,
    complete: () => undefined,
    error: () => undefined,
  });
  session.open();
  await settle();
  await vi.waitFor(() => expect(server.closedWith).toEqual([4000]));
  await settle(200);
  server.release();
  const starts = server.heard.filter((message) => message.type === "start");
  expect(starts.map(({ codecs }) => codecs)).toEqual([["opus", "pcm_s16le"], ["pcm_s16le"]]);
  const heard = output.render(50_000);
  expect(heard.subarray(0, 48_000)).toEqual(toFloat(ramp(0, 48_000)));
  vi.doUnmock("opus-decoder");
});

test("disposing closes everything", async () => {
  const { server, output, session } = await listening(twoSentences());
  server.release(5);
  session.dispose();
  await settle(30_000);
  expect(server.isConnected).toBe(false);
  expect(server.urls).toHaveLength(1);
  expect(output.disposed).toBe(1);
});
