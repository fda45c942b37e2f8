import { type Decoder, delayOf, loadDecoder, toInt16 } from "../audio/opus";
import { oggPackets } from "./ogg";

/** A clip is what it claims to be neither as a file nor as Opus. */
export class ClipError extends Error {
  override readonly name = "ClipError";
}

/** Turns a stored sentence into samples. */
export interface ClipDecoder {
  /**
   * @param file Ogg Opus of one sentence.
   * @param samples how many samples it stands for on the timeline.
   * @returns exactly so many, s16 at 24 kHz.
   * @throws ClipError when the file is damaged; other errors when there is no decoder to be had.
   */
  decode(file: Uint8Array, samples: number): Promise<Int16Array<ArrayBuffer>>;
  free(): void;
}

/** The head and the tags of an Opus stream. Source: RFC 7845, section 3. */
const HEADERS = 2;

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
  private isFreed = false;

  constructor(load: () => Promise<Decoder> = loadDecoder) {
    this.load = load;
  }

  decode(file: Uint8Array, samples: number): Promise<Int16Array<ArrayBuffer>> {
    const clip = this.turn.then(() => this.decodeNow(file, samples));
    this.turn = clip.catch(() => undefined);
    return clip;
  }

  free(): void {
    this.isFreed = true;
    this.decoder?.then(
      (decoder) => this.turn.then(() => decoder.free()),
      () => undefined,
    );
  }

  private async decodeNow(file: Uint8Array, samples: number): Promise<Int16Array<ArrayBuffer>> {
    const { delay, packets } = streamIn(file);
    if (this.isFreed) throw new Error("the decoder is given back");
    const decoder = await this.fresh();
    const { channelData, errors } = decoder.decodeFrames(packets);
    const [damage] = errors;
    if (damage) throw new ClipError(damage.message);
    const sound = toInt16((channelData[0] ?? new Float32Array()).subarray(delay, delay + samples));
    const clip = new Int16Array(samples);
    clip.set(sound);
    return clip;
  }

  private async fresh(): Promise<Decoder> {
    if (this.decoder) {
      const used = await this.decoder;
      await used.reset();
      return used;
    }
    this.decoder = this.load();
    // A page that was offline for a moment may have better luck with the next clip.
    this.decoder.catch(() => {
      this.decoder = null;
    });
    return this.decoder;
  }
}

function streamIn(file: Uint8Array): { delay: number; packets: Uint8Array[] } {
  try {
    const [head, ...rest] = oggPackets(file);
    if (!head) throw new ClipError("the clip is empty");
    return { delay: delayOf(head), packets: rest.slice(HEADERS - 1) };
  } catch (cause) {
    throw new ClipError("the clip is no Ogg Opus", { cause });
  }
}
