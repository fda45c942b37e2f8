import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AudioOut, sharedAudioOut } from "./audioOut";
import { devicePlayback } from "./devicePlayback";
import type { PlayerCommand, PlayerReport } from "./playerMessages";

class Port {
  readonly posted: PlayerCommand[] = [];
  onmessage: ((event: MessageEvent<PlayerReport>) => void) | null = null;

  postMessage(command: PlayerCommand): void {
    this.posted.push(command);
  }
}

class Node {
  static made: Node[] = [];
  readonly port = new Port();
  readonly connected: unknown[] = [];
  onprocessorerror: (() => void) | null = null;

  constructor() {
    Node.made.push(this);
  }

  connect(destination: unknown): void {
    this.connected.push(destination);
  }

  disconnect(): void {
    this.connected.length = 0;
  }
}

/** A script processor whose blocks the test renders. */
class Script {
  onaudioprocess: ((event: object) => void) | null = null;

  connect(): void {}

  disconnect(): void {}

  render(frame: number): Float32Array {
    const block = new Float32Array(2048);
    const outputBuffer = { getChannelData: () => block };
    this.onaudioprocess?.({ outputBuffer, playbackTime: frame / 24_000 });
    return block;
  }
}

/** The loading of the player's module, settled by the test. */
class Loading {
  resolve: () => void = () => undefined;
  reject: (cause: Error) => void = () => undefined;
  readonly promise = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

let loading: Loading;
let context: Context;

class Context extends EventTarget {
  state: AudioContextState = "suspended";
  readonly destination = {};
  readonly currentTime = 0;
  readonly sampleRate = 24_000;
  readonly baseLatency = 0.1;
  resumed = 0;
  readonly audioWorklet = { addModule: () => loading.promise };
  readonly options: AudioContextOptions;
  closed = 0;

  constructor(options: AudioContextOptions) {
    super();
    this.options = options;
    context = this;
  }

  async resume(): Promise<void> {
    this.resumed += 1;
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  become(state: AudioContextState): void {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }
}

function userActivation(hasBeenActive: boolean, isActive = hasBeenActive): void {
  vi.stubGlobal("navigator", { userActivation: { hasBeenActive, isActive } });
}

beforeEach(() => {
  vi.useFakeTimers();
  loading = new Loading();
  Node.made = [];
  vi.stubGlobal("AudioContext", Context);
  vi.stubGlobal("AudioWorkletNode", Node);
  userActivation(true);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("the output", () => {
  test("runs at the speech's own rate", () => {
    new AudioOut();
    expect(context.options).toEqual({ sampleRate: 24_000, latencyHint: "playback" });
  });

  test("is starting after a click, then running", () => {
    const out = new AudioOut();
    const states: string[] = [];
    out.subscribe(() => states.push(out.state));
    out.resume();
    context.become("running");
    context.become("interrupted");
    expect(states).toEqual(["starting", "running", "locked"]);
  });

  test("is locked where nobody has clicked yet", () => {
    userActivation(false);
    const out = new AudioOut();
    out.resume();
    vi.advanceTimersByTime(60_000);
    expect(out.state).toBe("locked");
  });

  test("that does not start after a click has no device, until one answers", () => {
    const out = new AudioOut();
    out.resume();
    vi.advanceTimersByTime(3000);
    expect(out.state).toBe("unavailable");
    expect(out.problem).toContain("sound device");
    context.become("running");
    expect(out).toMatchObject({ state: "running", problem: null });
  });

  test("that does not start outside of a click may still be unlocked", () => {
    userActivation(true, false);
    const out = new AudioOut();
    out.resume();
    vi.advanceTimersByTime(3000);
    expect(out).toMatchObject({ state: "locked", problem: null });
  });

  test("resumes when the page comes back", () => {
    new AudioOut();
    window.dispatchEvent(new Event("pageshow"));
    document.dispatchEvent(new Event("visibilitychange"));
    expect(context.resumed).toBe(2);
  });

  test.each([
    ["without Web Audio", () => vi.stubGlobal("AudioContext", undefined)],
    [
      "whose context cannot be made",
      () => {
        const refuse = () => {
          throw new DOMException("", "NotSupportedError");
        };
        vi.stubGlobal("AudioContext", refuse);
      },
    ],
  ])("%s is unavailable, says why, and its players take every command", (_, prepare) => {
    prepare();
    const out = new AudioOut();
    out.resume();
    expect(out.state).toBe("unavailable");
    expect(out.problem).not.toBeNull();
    const player = out.openPlayer(() => expect.unreachable());
    player.send({ type: "play" });
    expect(player.heardSample(0)).toBeNull();
    player.dispose();
  });

  test("on a page that is not secure plays on the page's own thread", async () => {
    const script = new Script();
    vi.stubGlobal(
      "AudioContext",
      class extends Context {
        override readonly audioWorklet = undefined as never;
        readonly createScriptProcessor = () => script;
      },
    );
    const player = new AudioOut().openPlayer(() => undefined);
    const source = Int16Array.from({ length: 24_000 }, (_, index) => index - 12_000);
    player.send({ type: "write", start: 0, samples: source.slice() });
    player.send({ type: "close" });
    player.send({ type: "play" });
    await vi.advanceTimersByTimeAsync(0);
    const rendered = [script.render(0), script.render(2048)].flatMap((block) => [...block]);
    const heard = rendered.slice(rendered.findIndex((sample) => sample !== 0));
    expect(heard).toEqual([...source.slice(0, heard.length)].map((sample) => sample / 32_768));
    expect(heard.length).toBeGreaterThan(2048);
    player.dispose();
    expect([...script.render(4096)].every((sample) => sample === 0)).toBe(true);
  });

  test("whose player cannot be loaded is unavailable", async () => {
    const out = new AudioOut();
    out.openPlayer(() => undefined);
    loading.reject(new Error("404"));
    await vi.advanceTimersByTimeAsync(0);
    expect(out.problem).toContain("could not be loaded");
  });
});

describe("the shared output", () => {
  afterEach(() => devicePlayback.getState().setRobustAudio(true));

  test("is one for all, with the larger buffer", () => {
    expect(sharedAudioOut()).toBe(sharedAudioOut());
    expect(sharedAudioOut().bufferSize).toBe("playback");
  });

  test("is made anew after another buffer was chosen, and the old one plays its last scene", () => {
    devicePlayback.getState().setRobustAudio(false);
    const before = sharedAudioOut();
    const old = context;
    expect(old.options.latencyHint).toBe("interactive");
    const player = before.openPlayer(() => undefined);
    devicePlayback.getState().setRobustAudio(true);
    expect(sharedAudioOut()).not.toBe(before);
    expect(context.options.latencyHint).toBe("playback");
    expect(old.closed).toBe(0);
    player.dispose();
    player.dispose();
    expect(old.closed).toBe(1);
    const resumed = old.resumed;
    window.dispatchEvent(new Event("pageshow"));
    expect(old.resumed).toBe(resumed);
  });
});

describe("a player", () => {
  const report: PlayerReport = {
    state: "waiting",
    frame: 0,
    position: 42,
    speed: 1,
    jumped: false,
    underruns: 0,
  };

  test("keeps early commands in order and connects straight to the destination", async () => {
    const player = new AudioOut().openPlayer(() => undefined);
    player.send({ type: "play" });
    player.send({ type: "speed", speed: 2 });
    expect(Node.made).toEqual([]);
    loading.resolve();
    await vi.advanceTimersByTimeAsync(0);
    player.send({ type: "pause" });
    expect(Node.made[0]?.connected).toEqual([context.destination]);
    expect(Node.made[0]?.port.posted).toEqual([
      { type: "prebuffer", samples: 4800 },
      { type: "play" },
      { type: "speed", speed: 2 },
      { type: "pause" },
    ]);
  });

  test("passes reports on and knows what is heard", async () => {
    const reports: PlayerReport[] = [];
    const player = new AudioOut().openPlayer((said) => reports.push(said));
    loading.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(player.heardSample(0)).toBeNull();
    Node.made[0]?.port.onmessage?.(new MessageEvent("message", { data: report }));
    expect(reports).toEqual([report]);
    expect(player.heardSample(0)).toBe(42);
  });

  test.each([
    [0, 9600],
    [100, 7200],
    [500, 0],
    [-100, 12_000],
    [-500, 21_600],
  ])("that is heard %i ms later than the device says is at sample %i", async (delayMs, sample) => {
    const player = new AudioOut().openPlayer(() => undefined);
    loading.resolve();
    await vi.advanceTimersByTimeAsync(0);
    const running = { ...report, state: "running", frame: -12_000, position: 0 } as const;
    Node.made[0]?.port.onmessage?.(new MessageEvent("message", { data: running }));
    // The device is 100 ms behind: its frame -2400 is heard now.
    expect(player.heardSample(0, delayMs)).toBeCloseTo(sample);
  });

  test("disposed before it was ready is never made", async () => {
    const player = new AudioOut().openPlayer(() => undefined);
    player.dispose();
    loading.resolve();
    await vi.advanceTimersByTimeAsync(0);
    player.send({ type: "play" });
    expect(Node.made).toEqual([]);
  });

  test("disposed later is disconnected and freed", async () => {
    const player = new AudioOut().openPlayer(() => undefined);
    loading.resolve();
    await vi.advanceTimersByTimeAsync(0);
    player.dispose();
    expect(Node.made[0]?.port.posted.at(-1)).toEqual({ type: "dispose" });
    expect(Node.made[0]?.connected).toEqual([]);
  });

  test("whose audio thread broke makes the output unavailable", async () => {
    const out = new AudioOut();
    out.openPlayer(() => undefined);
    loading.resolve();
    await vi.advanceTimersByTimeAsync(0);
    Node.made[0]?.onprocessorerror?.();
    expect(out.state).toBe("unavailable");
  });
});
