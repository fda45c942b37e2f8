import type { FrameDecoder, SampleSink } from "../audio/decoder";
import { PcmDecoder } from "../audio/decoder";
import { OpusFrameDecoder } from "../audio/opus";
import { decodeFrame } from "../protocol/frame";
import {
  type Codec,
  type Connected,
  type JournalMessage,
  PROTOCOL_VERSION,
  type UnknownMessage,
} from "../protocol/messages";
import { parseMessage } from "../protocol/parseMessage";
import { ProtocolError } from "../protocol/protocolError";
import { apply, applyFrame, isKnown } from "../store/apply";
import type { NarrationStore } from "../store/narrationStore";

export interface ReceiverEvents {
  connected(): void;
  /** A message of the journal that was not known before, after it was applied. */
  applied(message: JournalMessage): void;
}

/** Takes what the socket brings: text into the store, sound through the decoder into the player. */
export class Receiver {
  private readonly store: NarrationStore;
  private readonly sink: SampleSink;
  private readonly events: ReceiverEvents;
  private decoder: FrameDecoder | null = null;
  private codec: Codec | null = null;
  private soundIsMissing = false;

  constructor(store: NarrationStore, sink: SampleSink, events: ReceiverEvents) {
    this.store = store;
    this.sink = sink;
    this.events = events;
  }

  /** The event after which the server should go on sending. */
  get resumeAfter(): number {
    return this.soundIsMissing ? 0 : this.store.current.seq;
  }

  /** Sound was received, but could not be decoded: it has to come again, in another codec. */
  loseSound(): void {
    this.free();
    this.soundIsMissing = true;
  }

  /**
   * Takes one message of the socket.
   *
   * @returns whether it brought something new.
   * @throws ProtocolError when it is malformed or something before it is missing.
   */
  take(data: string | ArrayBuffer): boolean {
    return typeof data === "string" ? this.takeText(data) : this.takeFrame(data);
  }

  /** No sound follows: the sink hears of it after the last sample. */
  finish(): void {
    if (this.decoder) this.decoder.finish();
    else this.sink.finished();
  }

  /** Gives the decoder back; a later connection makes a new one. */
  free(): void {
    this.decoder?.free();
    this.decoder = null;
    this.codec = null;
  }

  private takeText(json: string): boolean {
    const message = parseMessage(json);
    if (message.type === "pong") return false;
    if (message.type === "connected") {
      this.prepare(message);
      this.events.connected();
      return false;
    }
    return this.takeEvent(message);
  }

  private takeEvent(message: JournalMessage | UnknownMessage): boolean {
    const before = this.store.current;
    if (message.seq !== null && isKnown(before, message.seq)) {
      if (this.soundIsMissing && isEnd(message)) this.finish();
      return false;
    }
    this.soundIsMissing = false;
    this.store.replace(apply(before, message));
    if (message.type !== "unknown") this.events.applied(message);
    return message.seq !== null;
  }

  private takeFrame(buffer: ArrayBuffer): boolean {
    const frame = decodeFrame(buffer);
    const before = this.store.current;
    const isNew = !isKnown(before, frame.seq);
    if (!isNew && !this.soundIsMissing) return false;
    if (frame.codec !== this.codec)
      throw new ProtocolError(`a frame of ${frame.codec} came unasked`);
    const after = applyFrame(before, frame);
    this.decoder?.push(frame);
    this.store.replace(after);
    return isNew;
  }

  /** Keeps the decoder across reconnects: the server's encoder goes on, and so must it. */
  private prepare(connected: Connected): void {
    const { v, codec, opus_head, sample_rate } = connected;
    if (v !== PROTOCOL_VERSION) throw new ProtocolError(`version ${v} of the protocol`);
    if (sample_rate !== this.store.view.sampleRate) throw new ProtocolError(`${sample_rate} Hz`);
    if (codec === this.codec) return;
    this.decoder?.free();
    this.decoder =
      codec === "opus"
        ? new OpusFrameDecoder(this.sink, opus_head ?? "")
        : new PcmDecoder(this.sink);
    this.codec = codec;
  }
}

function isEnd(message: JournalMessage | UnknownMessage): boolean {
  const { type } = message;
  return (
    type === "generation_complete" || type === "stopped" || (type === "error" && message.fatal)
  );
}
