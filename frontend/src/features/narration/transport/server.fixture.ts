import type { AudioOutput, AudioPlayer, OutputState } from "../audio/output";
import type { PlayerCommand, PlayerReport } from "../audio/playerMessages";
import { Deck } from "../audio/playhead.fixture";
import type { ClientMessage, Codec } from "../protocol/messages";
import { type JournalEvent, onTheWire } from "../store/narrative.fixture";
import type { Environment, Socket } from "./environment";

type Handler<E> = ((event: E) => void) | null;

/** The page's end of a connection to a `JournalServer`. */
class LoopSocket implements Socket {
  binaryType: BinaryType = "blob";
  readyState: number = WebSocket.CONNECTING;
  onopen: Handler<Event> = null;
  onmessage: Handler<MessageEvent> = null;
  onclose: Handler<CloseEvent> = null;
  readonly url: string;
  private readonly server: JournalServer;

  constructor(server: JournalServer, url: string) {
    this.server = server;
    this.url = url;
    queueMicrotask(() => this.open());
  }

  send(json: string): void {
    if (this.readyState === WebSocket.OPEN) this.server.hear(this, JSON.parse(json));
  }

  close(code?: number): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.server.closedWith.push(code ?? 1005);
    this.readyState = WebSocket.CLOSED;
    this.server.forget(this);
  }

  /** The server's side hangs up. */
  hangUp(code: number): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.server.forget(this);
    this.onclose?.(new CloseEvent("close", { code }));
  }

  deliver(data: string | ArrayBuffer): void {
    this.onmessage?.(new MessageEvent("message", { data }));
  }

  private open(): void {
    if (this.readyState !== WebSocket.CONNECTING) return;
    this.readyState = WebSocket.OPEN;
    const refusal = this.server.refuseWith.shift();
    if (refusal) this.hangUp(refusal);
    else this.onopen?.(new Event("open"));
  }
}

/** Serves one journal the way the protocol says, in memory. What is in the journal goes out with `release`. */
export class JournalServer {
  readonly heard: ClientMessage[] = [];
  readonly urls: string[] = [];
  readonly closedWith: number[] = [];
  readonly requests: string[] = [];
  /** Close codes for the next connections. */
  readonly refuseWith: number[] = [];
  /** Statuses for the next ticket requests; 200 when empty. */
  readonly ticketStatus: number[] = [];
  codec: Codec = "pcm_s16le";
  opusHead: string | null = null;
  startAnswer: () => Response = () => {
    return Response.json({ session_id: "s1", websocket_url: "/ws/scene-generation/s1?ticket=0" });
  };

  private readonly journal: JournalEvent[];
  private released = 0;
  private tickets = 0;
  private socket: LoopSocket | null = null;

  constructor(journal: JournalEvent[] = []) {
    this.journal = journal;
  }

  get isConnected(): boolean {
    return this.socket !== null;
  }

  /** Lets the next `count` events happen; all by default. */
  release(count = Infinity): void {
    const from = this.released;
    this.released = Math.min(this.journal.length, from + count);
    this.sendFrom(from);
  }

  add(...events: JournalEvent[]): void {
    this.journal.push(...events);
  }

  resend(from: number, to: number): void {
    for (const event of this.journal.slice(from, to)) this.socket?.deliver(onTheWire(event));
  }

  deliver(data: string | ArrayBuffer): void {
    this.socket?.deliver(data);
  }

  kill(code = 1006): void {
    this.socket?.hangUp(code);
  }

  hear(socket: LoopSocket, message: ClientMessage): void {
    this.heard.push(message);
    if (message.type !== "start") return;
    const facts = { v: 1, session_id: "s1", sample_rate: 24_000, next_seq: 1, journal_from: 1 };
    const codec = message.codecs.includes(this.codec) ? this.codec : "pcm_s16le";
    const connected = { type: "connected", codec, opus_head: this.opusHead, ...facts };
    socket.deliver(JSON.stringify(connected));
    this.sendFrom(message.after_seq);
  }

  forget(socket: LoopSocket): void {
    if (this.socket === socket) this.socket = null;
  }

  connect(url: string): Socket {
    this.urls.push(url);
    this.socket = new LoopSocket(this, url);
    return this.socket;
  }

  async answer(url: string): Promise<Response> {
    this.requests.push(url);
    if (url.endsWith("/generate-with-tts-stream")) return this.startAnswer();
    if (!url.endsWith("/ticket")) return Response.json({}, { status: 202 });
    const status = this.ticketStatus.shift() ?? 200;
    this.tickets += 1;
    const address = `/ws/scene-generation/s1?ticket=${this.tickets}`;
    return Response.json({ websocket_url: address }, { status });
  }

  private sendFrom(after: number): void {
    const socket = this.socket;
    for (const event of this.journal.slice(after, this.released)) {
      if (this.socket === socket) socket?.deliver(onTheWire(event));
    }
  }
}

/** A sound output whose audio thread is a `Deck`: tests turn it by hand. */
export class DeckOutput implements AudioOutput {
  state: OutputState = "running";
  problem: string | null = null;
  bringsSound = false;
  resumes = 0;
  disposed = 0;
  deck = new Deck();
  private readonly listeners = new Set<() => void>();
  private told = 0;
  private onReport: (report: PlayerReport) => void = () => undefined;

  become(state: OutputState, problem: string | null = null): void {
    this.state = state;
    this.problem = problem;
    for (const listener of this.listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  resume(): void {
    this.resumes += 1;
  }

  openPlayer(onReport: (report: PlayerReport) => void): AudioPlayer {
    this.deck = new Deck();
    this.told = 0;
    this.onReport = onReport;
    return {
      send: (command) => this.obey(command),
      heardSample: () => this.deck.last?.position ?? null,
      dispose: () => {
        this.disposed += 1;
      },
    };
  }

  /** Renders `samples` and passes on what the player reports. */
  render(samples: number): Float32Array {
    const heard = this.deck.render(samples);
    this.tellNew();
    return heard;
  }

  private obey(command: PlayerCommand): void {
    if (command.type === "dispose") return;
    this.deck.do(command);
    this.tellNew();
  }

  private tellNew(): void {
    for (const report of this.deck.reports.slice(this.told)) this.onReport(report);
    this.told = this.deck.reports.length;
  }
}

/** A browser that consists of this server and this output. Time is `Date.now()`, which fake timers move. */
export function environmentOf(
  server: JournalServer,
  output: AudioOutput,
  pageUrl = "http://localhost:9876/stories/1",
  network = new EventTarget(),
): Environment {
  return {
    fetch: (url) => server.answer(url),
    openSocket: (url) => server.connect(url),
    audioOut: () => output,
    network,
    pageUrl,
    now: () => Date.now(),
    random: () => 1,
  };
}
