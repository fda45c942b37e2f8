import { EventSocket, type EventsEnvironment } from "./eventSocket";
import type { Connected, UserEvent } from "./userEvents";

type Listener = (event: UserEvent | Connected) => void;

/** The page's one connection for a user's events, and everybody who wants to hear of them. */
export class EventHub {
  private readonly environment: EventsEnvironment;
  private readonly listeners = new Set<Listener>();
  private socket: EventSocket | null = null;

  constructor(environment: EventsEnvironment) {
    this.environment = environment;
  }

  /** @returns a function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Follows this user's events instead of anybody else's. @returns a function that ends it. */
  follow(userId: number, signedOut: () => void): () => void {
    this.socket?.close();
    const told = (event: UserEvent | Connected) => this.tell(event);
    const socket = new EventSocket(this.environment, userId, { told, signedOut });
    this.socket = socket;
    socket.open();
    // A network that went away closes nothing; when it is back, waiting for the old connection is in vain.
    const openAgain = () => socket.open();
    window.addEventListener("online", openAgain);
    return () => {
      window.removeEventListener("online", openAgain);
      socket.close();
      if (this.socket === socket) this.socket = null;
    };
  }

  private tell(event: UserEvent | Connected): void {
    for (const listener of [...this.listeners]) listener(event);
  }
}

function openSocket(path: string): WebSocket {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return new WebSocket(url);
}

/** Of this page. */
export const eventHub = new EventHub({
  openSocket,
  get memory() {
    return sessionStorage;
  },
  random: Math.random,
});
