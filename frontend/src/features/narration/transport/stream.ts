import { codecsFor } from "../audio/codecs";
import type { SampleSink } from "../audio/decoder";
import { type Codec, type JournalMessage, PROTOCOL_VERSION } from "../protocol/messages";
import { ProtocolError } from "../protocol/protocolError";
import { endedHere } from "../store/apply";
import type { NarrationError, NarrationStore, Phase } from "../store/narrationStore";
import { PROTOCOL_BROKEN } from "./closeCodes";
import type { Environment } from "./environment";
import { Receiver } from "./receiver";
import { requestStop, requestTicket, type SessionAddress } from "./requests";
import { ReconnectingSocket } from "./socket";

/** We keep a whole scene, so we ask for all of it as fast as it is made: an hour ahead is as good as unlimited. */
const WINDOW_MS = 3_600_000;
const ACK_EVERY_MS = 250;
/** A stop that the server has not confirmed by then is taken for done here. */
const STOP_PATIENCE_MS = 5000;
/** Violations in a row, without anything new between, after which a reconnect is no cure. */
const VIOLATIONS_BORNE = 3;

const LIVE: readonly Phase[] = ["connecting", "generating", "reconnecting"];

/** What a stream tells, besides what it puts into the store. Sound comes decoded and in order. */
export interface StreamEvents {
  /** A message was applied that was not known before. */
  applied(message: JournalMessage): void;
  sound(sentence: number, start: number, samples: Int16Array<ArrayBuffer>): void;
  /** All sound that will ever come was given. */
  soundComplete(): void;
  /** The connection ended for a reason that is no message of the server. */
  failed(error: NarrationError): void;
}

/** The live session as it comes over the network into a store. Resumes after every loss until the story has ended. */
export class EventStream {
  private readonly environment: Environment;
  private readonly sessionId: string;
  private readonly store: NarrationStore;
  private readonly events: StreamEvents;
  private readonly receiver: Receiver;
  private readonly socket: ReconnectingSocket;
  private codecs: readonly Codec[];
  private violations = 0;
  private lastAck = 0;
  private wantedSentence: number | null = null;
  private stopPatience: ReturnType<typeof setTimeout> | null = null;

  constructor(
    environment: Environment,
    address: SessionAddress,
    store: NarrationStore,
    events: StreamEvents,
  ) {
    this.environment = environment;
    this.sessionId = address.sessionId;
    this.store = store;
    this.events = events;
    this.codecs = codecsFor(new URL(environment.pageUrl).hostname);
    this.receiver = new Receiver(store, this.soundSink(), {
      connected: () => this.connected(),
      applied: (message) => this.applied(message),
    });
    const freshUrl = () => requestTicket(environment.fetch, this.sessionId);
    this.socket = new ReconnectingSocket(environment, address.websocketUrl, freshUrl, {
      opened: () => this.askForEvents(),
      received: (data) => this.receive(data),
      lost: () => this.lost(),
      refused: (error) => this.refused(error),
    });
  }

  /** Nothing more will be generated. */
  get isOver(): boolean {
    return !LIVE.includes(this.store.view.phase);
  }

  open(): void {
    this.store.patch({ phase: "connecting" });
    this.socket.open();
  }

  /** Tells the server how far the listener is, at most every 250 ms. */
  acknowledge(playedSample: number): void {
    const now = this.environment.now();
    if (now - this.lastAck < ACK_EVERY_MS) return;
    const { seq, view } = this.store.current;
    const isSent = this.socket.send({
      type: "ack",
      seq,
      played_sample: playedSample,
      window_ms: WINDOW_MS,
      underruns: view.underruns,
    });
    if (isSent) this.lastAck = now;
  }

  /** Asks the server to go on with sentence `index`, which is not generated yet. */
  skipTo(index: number): void {
    this.wantedSentence = index;
    this.socket.send({ type: "skip", to_sentence: index });
  }

  /** Asks the server to stop and to keep what there is; the end comes with its `stopped`, or after 5 s without. */
  stop(): void {
    if (this.isOver || this.stopPatience !== null) return;
    this.stopPatience = setTimeout(() => this.end({ phase: "stopped" }), STOP_PATIENCE_MS);
    if (this.socket.send({ type: "stop", keep: true })) return;
    // Unreachable by HTTP as well: the stop is said again on reconnect, or the patience runs out.
    requestStop(this.environment.fetch, this.sessionId).catch(() => undefined);
  }

  /** Leaves. The server goes on for its grace period, so that another page can join. */
  dispose(): void {
    this.clearStopPatience();
    this.socket.close();
    this.receiver.free();
  }

  private askForEvents(): void {
    this.socket.send({
      type: "start",
      v: PROTOCOL_VERSION,
      after_seq: this.receiver.resumeAfter,
      codecs: this.codecs,
      window_ms: WINDOW_MS,
    });
    if (this.stopPatience !== null) this.socket.send({ type: "stop", keep: true });
    if (this.wantedSentence !== null) this.skipTo(this.wantedSentence);
  }

  private connected(): void {
    if (!this.isOver) this.store.patch({ phase: "generating" });
  }

  private receive(data: string | ArrayBuffer): void {
    try {
      if (!this.receiver.take(data)) return;
      this.violations = 0;
      this.socket.progressed();
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause;
      this.violations += 1;
      if (this.violations < VIOLATIONS_BORNE) this.socket.restart();
      else this.refused(PROTOCOL_BROKEN);
    }
  }

  private applied(message: JournalMessage): void {
    if (message.type === "sentence_started" && message.index >= (this.wantedSentence ?? Infinity)) {
      this.wantedSentence = null;
    }
    if (this.isOver) this.finish();
    this.events.applied(message);
  }

  private lost(): void {
    if (this.isOver) return;
    this.store.patch({ phase: "reconnecting", reconnects: this.store.view.reconnects + 1 });
  }

  private refused(error: NarrationError): void {
    if (this.isOver) return;
    // Whoever wanted it stopped has what they wanted.
    if (this.stopPatience !== null) {
      this.end({ phase: "stopped" });
      return;
    }
    this.end({ phase: "failed", error });
    this.events.failed(error);
  }

  private end(end: Parameters<typeof endedHere>[1]): void {
    this.store.replace(endedHere(this.store.current, end));
    this.finish();
  }

  /** The story has ended. The socket stays until the last sound is decoded: it may have to come again. */
  private finish(): void {
    this.clearStopPatience();
    this.receiver.finish();
  }

  private soundSink(): SampleSink {
    return {
      write: (sentence, start, samples) => this.events.sound(sentence, start, samples),
      finished: () => {
        this.socket.close();
        this.events.soundComplete();
      },
      failed: () => {
        this.codecs = ["pcm_s16le"];
        this.receiver.loseSound();
        this.socket.restart();
      },
    };
  }

  private clearStopPatience(): void {
    if (this.stopPatience !== null) clearTimeout(this.stopPatience);
    this.stopPatience = null;
  }
}
