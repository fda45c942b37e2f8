import type { ClientMessage } from "../protocol/messages";
import type { NarrationError } from "../store/narrationStore";
import { NOT_AUTHENTICATED, PROTOCOL_VIOLATION, refusalOf, SessionRefused } from "./closeCodes";
import type { Environment, Socket } from "./environment";

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 8000;
const OPEN = 1;

/** The server pings every 20 s below our sight; we look from above, because a dead network closes nothing. */
const CHECK_EVERY_MS = 10_000;
const DEAD_AFTER_MS = 25_000;

export interface SocketEvents {
  /** A connection is open: say where to go on. */
  opened(): void;
  received(data: string | ArrayBuffer): void;
  /** The connection is gone and will be tried again. */
  lost(): void;
  /** There will be no connection any more. */
  refused(error: NarrationError): void;
}

/**
 * A WebSocket that comes back by itself until it is closed or refused.
 *
 * Waits 100 ms, then twice as long each time up to 8 s, each with jitter so that the listeners of a restarted server
 * do not return in one moment. A network that is back is worth a try at once. Every new connection uses a fresh ticket.
 */
export class ReconnectingSocket {
  private readonly environment: Environment;
  private readonly freshUrl: () => Promise<string>;
  private readonly events: SocketEvents;
  private unusedUrl: string | null;
  private socket: Socket | null = null;
  private isClosed = false;
  private failures = 0;
  private ticketRefusals = 0;
  private lastHeard = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private check: ReturnType<typeof setInterval> | undefined;

  /**
   * @param firstUrl with a ticket that was not used yet.
   * @param freshUrl gets an address with a new ticket; a `SessionRefused` from it is final.
   */
  constructor(
    environment: Environment,
    firstUrl: string,
    freshUrl: () => Promise<string>,
    events: SocketEvents,
  ) {
    this.environment = environment;
    this.unusedUrl = firstUrl;
    this.freshUrl = freshUrl;
    this.events = events;
  }

  get isOpen(): boolean {
    return this.socket?.readyState === OPEN;
  }

  open(): void {
    this.environment.network.addEventListener("online", this.onNetwork);
    this.check = setInterval(() => this.checkLife(), CHECK_EVERY_MS);
    void this.connect();
  }

  /** Sends if the connection is open. @returns whether it was. */
  send(message: ClientMessage): boolean {
    if (!this.isOpen) return false;
    this.socket?.send(JSON.stringify(message));
    return true;
  }

  /** Something new arrived: the connection is worth keeping, so the next loss starts at the shortest delay. */
  progressed(): void {
    this.failures = 0;
    this.ticketRefusals = 0;
  }

  /** Drops this connection and opens another. */
  restart(code: number = PROTOCOL_VIOLATION): void {
    if (this.isClosed) return;
    this.drop(code);
    this.tryAgain();
  }

  /** Ends for good. What was sent before still goes out. */
  close(): void {
    this.isClosed = true;
    this.environment.network.removeEventListener("online", this.onNetwork);
    clearTimeout(this.retry);
    clearInterval(this.check);
    this.drop(1000);
  }

  private async connect(): Promise<void> {
    const url = await this.nextUrl();
    if (url === null || this.isClosed) return;
    const socket = this.environment.openSocket(this.absolute(url));
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.lastHeard = this.environment.now();
      this.events.opened();
    };
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      this.lastHeard = this.environment.now();
      this.events.received(event.data);
    };
    socket.onclose = (event: CloseEvent) => this.closed(event.code);
  }

  /** An address with an unused ticket; null when there is none now (a retry is on its way) or never. */
  private async nextUrl(): Promise<string | null> {
    const given = this.unusedUrl;
    this.unusedUrl = null;
    if (given !== null) return given;
    try {
      return await this.freshUrl();
    } catch (cause) {
      if (this.isClosed) return null;
      if (cause instanceof SessionRefused) this.refuse(cause.error);
      else this.scheduleRetry();
      return null;
    }
  }

  private absolute(url: string): string {
    const absolute = new URL(url, this.environment.pageUrl);
    absolute.protocol = absolute.protocol.replace("http", "ws");
    return absolute.href;
  }

  private closed(code: number): void {
    this.socket = null;
    // A ticket lives 30 s and works once: the first refusal only says that a new one is needed.
    const needsTicket = code === NOT_AUTHENTICATED && this.ticketRefusals++ === 0;
    const refusal = needsTicket ? null : refusalOf(code);
    if (refusal) this.refuse(refusal);
    else this.tryAgain();
  }

  private refuse(error: NarrationError): void {
    this.close();
    this.events.refused(error);
  }

  private tryAgain(): void {
    this.events.lost();
    this.scheduleRetry();
  }

  private scheduleRetry(): void {
    if (this.isClosed) return;
    const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.failures);
    this.failures += 1;
    const delay = longest * (0.5 + this.environment.random() / 2);
    clearTimeout(this.retry);
    this.retry = setTimeout(() => {
      this.retry = undefined;
      void this.connect();
    }, delay);
  }

  /** There is a network again, and it may be another: what seems open has most likely died with the one before. */
  private readonly onNetwork = () => {
    this.failures = 0;
    if (this.isOpen) this.restart();
    else if (this.retry !== undefined) this.scheduleRetry();
  };

  private checkLife(): void {
    if (!this.isOpen) return;
    const now = this.environment.now();
    if (now - this.lastHeard > DEAD_AFTER_MS) this.restart();
    else this.send({ type: "ping", t: Math.round(now) });
  }

  /** Forgets the socket first, so that nothing it still says is heard. */
  private drop(code: number): void {
    const { socket } = this;
    this.socket = null;
    if (!socket) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(code);
  }
}
