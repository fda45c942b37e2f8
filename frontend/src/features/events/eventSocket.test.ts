import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EventHub } from "./eventHub";
import { EventSocket, type EventsEnvironment, type Socket } from "./eventSocket";
import type { Connected, UserEvent } from "./userEvents";

/** A server of events, and the browser that is connected to it. */
class EventServer implements EventsEnvironment {
  readonly paths: string[] = [];
  readonly stored = new Map<string, string>();
  readonly memory = {
    getItem: (key: string) => this.stored.get(key) ?? null,
    setItem: (key: string, value: string) => void this.stored.set(key, value),
  };
  readonly random = () => 1;
  private socket: Socket | null = null;

  get isConnected(): boolean {
    return this.socket !== null;
  }

  openSocket(path: string): Socket {
    this.paths.push(path);
    const socket: Socket = {
      onopen: null,
      onmessage: null,
      onclose: null,
      close: () => {
        if (this.socket === socket) this.socket = null;
      },
    };
    this.socket = socket;
    return socket;
  }

  send(message: object | string): void {
    const data = typeof message === "string" ? message : JSON.stringify(message);
    this.socket?.onmessage?.call(this.socket as WebSocket, new MessageEvent("message", { data }));
  }

  kill(code = 1006): void {
    const { socket } = this;
    this.socket = null;
    socket?.onclose?.call(socket as WebSocket, new CloseEvent("close", { code }));
  }
}

const connected = (last_id: number) => ({ type: "connected", user_id: 1, last_id });
const ready = (id: number) => {
  const at = "2026-11-21T01:00:00Z";
  return { type: "tts_ready", id, at, scene_id: 7, story_id: 2, chunk_count: 3, auto_play: true };
};
const progress = {
  type: "tts_progress",
  scene_id: 7,
  story_id: 2,
  chunks_ready: 1,
  total_chunks: 3,
};

let server: EventServer;
let heard: UserEvent[];
let greetings: number;
let signedOut: number;

const note = (event: UserEvent | Connected) => {
  if (event.type === "connected") greetings += 1;
  else heard.push(event);
};

beforeEach(() => {
  vi.useFakeTimers();
  server = new EventServer();
  heard = [];
  greetings = 0;
  signedOut = 0;
});
afterEach(() => void vi.useRealTimers());

function listen(userId = 1): EventSocket {
  const socket = new EventSocket(server, userId, { told: note, signedOut: () => signedOut++ });
  socket.open();
  return socket;
}

describe("EventSocket", () => {
  test("begins with what is to come. Proves 003-F6.", () => {
    listen();
    server.send(connected(40));
    server.send(progress);
    server.send(ready(41));
    expect(server.paths).toEqual(["/ws/events"]);
    expect(heard).toEqual([progress, ready(41)]);
  });

  test("after a lost connection goes on behind the last event, and hears each one once", () => {
    listen();
    server.send(connected(40));
    server.send(ready(41));
    server.kill();
    vi.advanceTimersByTime(100);
    server.send(connected(41));
    server.send(ready(41));
    server.send(ready(42));
    expect(server.paths).toEqual(["/ws/events", "/ws/events?after=41"]);
    expect(heard).toEqual([ready(41), ready(42)]);
    expect(greetings).toBe(2);
  });

  test("a connection that is lost before any event misses none", () => {
    listen();
    server.send(connected(40));
    server.kill();
    vi.advanceTimersByTime(100);
    expect(server.paths.at(-1)).toBe("/ws/events?after=40");
  });

  test("after a reload goes on where this tab was, for this user", () => {
    listen().close();
    listen();
    server.send(connected(40));
    server.send(ready(45));
    listen();
    listen(2);
    expect(server.paths.slice(-2)).toEqual(["/ws/events?after=45", "/ws/events"]);
  });

  test("is tried again ever more slowly, up to 30 s, and at once after a success", () => {
    listen();
    for (const delay of [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]) {
      const { length } = server.paths;
      server.kill();
      vi.advanceTimersByTime(delay - 1);
      expect(server.paths).toHaveLength(length);
      vi.advanceTimersByTime(1);
      expect(server.paths).toHaveLength(length + 1);
    }
    server.send(connected(1));
    server.kill();
    vi.advanceTimersByTime(100);
    expect(server.isConnected).toBe(true);
  });

  test.each([4401, 4403])("a refusal with %i is final", (code) => {
    listen();
    server.kill(code);
    vi.advanceTimersByTime(120_000);
    expect(server.paths).toHaveLength(1);
    expect(signedOut).toBe(code === 4401 ? 1 : 0);
  });

  test("closed is closed", () => {
    const socket = listen();
    server.kill();
    socket.close();
    vi.advanceTimersByTime(120_000);
    expect(server.paths).toHaveLength(1);
  });

  test.each(["<html>", "null", "7", '{"type":"tts_sung","id":50}'])("passes over %s", (message) => {
    listen();
    server.send(connected(40));
    server.send(message);
    server.send(ready(41));
    expect(heard).toEqual([ready(41)]);
  });

  test("a browser that keeps nothing hears everything all the same", () => {
    server.memory.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    listen();
    server.send(connected(40));
    server.send(ready(41));
    expect(heard).toHaveLength(1);
  });
});

describe("EventHub", () => {
  test("has one connection for all who listen, and a new one when the network is back", () => {
    const hub = new EventHub(server);
    const others: unknown[] = [];
    hub.subscribe(note);
    const unsubscribe = hub.subscribe((event) => others.push(event));
    const leave = hub.follow(1, () => undefined);
    server.send(connected(40));
    server.send(ready(41));
    unsubscribe();
    window.dispatchEvent(new Event("online"));
    server.send(ready(42));
    expect(server.paths).toEqual(["/ws/events", "/ws/events?after=41"]);
    // One greeting and one event.
    expect([heard.length, others.length]).toEqual([2, 2]);
    leave();
    window.dispatchEvent(new Event("online"));
    expect(server.isConnected).toBe(false);
  });
});
