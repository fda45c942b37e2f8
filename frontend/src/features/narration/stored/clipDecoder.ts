import {
  type Decoder,
  delayIn,
  loadDecoder,
  PACKET_SAMPLES,
  packetsOf,
  toInt16,
} from "../audio/opus";
import { ProtocolError } from "../protocol/protocolError";

/** Turns stored sentences into samples. */
export interface ClipDecoder {
  /**
   * @param clip Opus packets of 20 ms, each after its u16 length.
   * @param opusHead base64, what the clip was encoded with.
   * @param samples how many samples it stands for on the timeline.
   * @returns exactly so many, s16 at 24 kHz.
   * @throws ProtocolError when this is no such clip; other errors when there is no decoder to be had.
   */
  decode(clip: Uint8Array, opusHead: string, samples: number): Promise<Int16Array<ArrayBuffer>>;
}

/**
 * Decodes clips with WebAssembly, each with a decoder in its first state.
 *
 * A clip is therefore the same samples whatever was decoded before it, and clips that stand next to one another join
 * without a seam: each begins with the delay that its head tells, which is dropped, and ends with the silence that
 * the delay has pushed out of its last packet.
 */
export class OpusClipDecoder implements ClipDecoder {
  private readonly load: () => Promise<Decoder>;
  private decoder: Promise<Decoder> | null = null;
  /** One clip at a time: the decoder has one state. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(load: () => Promise<Decoder> = loadDecoder) {
    this.load = load;
  }

  decode(clip: Uint8Array, opusHead: string, samples: number): Promise<Int16Array<ArrayBuffer>> {
    const decoded = this.turn.then(() => this.decodeNow(clip, opusHead, samples));
    this.turn = decoded.catch(() => undefined);
    return decoded;
  }

  private async decodeNow(clip: Uint8Array, opusHead: string, samples: number) {
    const delay = delayIn(opusHead);
    const packets = packetsOf(clip);
    if (packets.length * PACKET_SAMPLES !== samples) throw new ProtocolError("a clip's length");
    const decoder = await this.fresh();
    const { channelData, errors } = decoder.decodeFrames(packets);
    const [damage] = errors;
    if (damage) throw new ProtocolError(damage.message);
    const placed = new Int16Array(samples);
    placed.set(toInt16((channelData[0] ?? new Float32Array()).subarray(delay, delay + samples)));
    return placed;
  }

  private async fresh(): Promise<Decoder> {
    if (this.decoder) {
      const used = await this.decoder;
      await used.reset();
      return used;
    }
    const loading = this.load();
    this.decoder = loading;
    // A page that was offline for a moment may have better luck with the next clip.
    loading.catch(() => {
      this.decoder = null;
    });
    return loading;
  }
}
