import { type Connected, parseUserEvent, type UserEvent } from "./userEvents";

/** The part of a `WebSocket` that is used here. */
export type Socket = Pick<WebSocket, "onopen" | "onmessage" | "onclose" | "close">;

/** What the events need of the browser. */
export interface EventsEnvironment {
  /** @param path relative, beginning with a slash. */
  openSocket(path: string): Socket;
  /** Outlives a reload of this tab, and no longer. */
  readonly memory: Pick<Storage, "getItem" | "setItem">;
  /** 0..1 */
  random(): number;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 30_000;
const NOT_SIGNED_IN = 4401;
/** Trying again does not cure that these are somebody else's events either. */
const FINAL_CODES: readonly number[] = [NOT_SIGNED_IN, 4403];

/** Whom a connection tells of what. */
export interface EventListener {
  told(event: UserEvent | Connected): void;
  /** The login has ended, here or in another tab; nothing more will come. */
  signedOut(): void;
}

/**
 * A user's events, each one once and none lost, over connections that come and go.
 *
 * The number of the last event is kept for this tab, so that a lost connection or a reload goes on behind it.
 */
export class EventSocket {
  private readonly environment: EventsEnvironment;
  private readonly key: string;
  private readonly listener: EventListener;
  private lastId: number | null;
  private socket: Socket | null = null;
  private failures = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private isClosed = false;

  /** @param userId whose events they are: another user in the same tab has missed others. */
  constructor(environment: EventsEnvironment, userId: number, listener: EventListener) {
    this.environment = environment;
    this.key = `rhapsode.events.${userId}`;
    this.listener = listener;
    const known = Number.parseInt(environment.memory.getItem(this.key) ?? "", 10);
    this.lastId = Number.isNaN(known) ? null : known;
  }

  open(): void {
    clearTimeout(this.retry);
    this.drop();
    if (this.isClosed) return;
    const after = this.lastId === null ? "" : `?after=${this.lastId}`;
    const socket = this.environment.openSocket(`/ws/events${after}`);
    this.socket = socket;
    socket.onmessage = (event: MessageEvent<unknown>) => this.receive(String(event.data));
    socket.onclose = (event: CloseEvent) => this.lost(event.code);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.retry);
    this.drop();
  }

  private receive(json: string): void {
    const message = parseUserEvent(json);
    if (!message) return;
    this.failures = 0;
    if (message.type === "connected") this.greet(message);
    else if (message.type === "tts_progress") this.listener.told(message);
    else if (message.id > (this.lastId ?? 0)) {
      this.remember(message.id);
      this.listener.told(message);
    }
  }

  /** A tab that has seen nothing yet begins with what is to come. */
  private greet(connected: Connected): void {
    const { last_id } = connected;
    if (this.lastId === null) this.remember(last_id);
    this.listener.told(connected);
  }

  private remember(id: number): void {
    this.lastId = id;
    try {
      this.environment.memory.setItem(this.key, String(id));
    } catch {
      // A full or forbidden storage costs what happens during a reload, nothing more.
    }
  }

  private lost(code: number): void {
    this.socket = null;
    if (this.isClosed) return;
    if (code === NOT_SIGNED_IN) this.listener.signedOut();
    if (FINAL_CODES.includes(code)) return;
    const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.failures);
    this.failures += 1;
    const delay = longest * (0.5 + this.environment.random() / 2);
    this.retry = setTimeout(() => this.open(), delay);
  }

  private drop(): void {
    const { socket } = this;
    this.socket = null;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }
}
