import type { AudioOutput } from "../audio/output";
import { PROTOCOL } from "../protocol/messages";
import type { Fetch } from "./requests";

/** The part of a `WebSocket` that a session uses. */
export type Socket = Pick<
  WebSocket,
  "binaryType" | "readyState" | "onopen" | "onmessage" | "onclose" | "send" | "close"
>;

/** What a session needs of the browser. */
export interface Environment {
  readonly fetch: Fetch;
  /** @param url absolute, ws: or wss:. */
  openSocket(url: string): Socket;
  /** The app's sound output; the first call should be inside a click. */
  audioOut(): AudioOutput;
  /** Tells by `online` that there is a network again. */
  readonly network: EventTarget;
  /** Where the page came from; relative addresses are resolved against it. */
  readonly pageUrl: string;
  /** Milliseconds, as `performance.now()`. */
  now(): number;
  /** 0..1 */
  random(): number;
}

/** The real browser. */
export function browserEnvironment(audioOut: () => AudioOutput): Environment {
  return {
    fetch: (url, init) => fetch(url, init),
    openSocket: (url) => new WebSocket(url, PROTOCOL),
    audioOut,
    network: window,
    get pageUrl() {
      return location.href;
    },
    now: () => performance.now(),
    random: Math.random,
  };
}
