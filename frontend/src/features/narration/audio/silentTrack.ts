/** Shorter media are not worth a notification to Chrome (it asks for 5 s). */
const LENGTH_S = 10;
const SAMPLE_RATE = 8000;
const HEADER_BYTES = 44;
/** 8-bit samples are unsigned: silence lies in the middle. */
const SILENCE = 128;

/**
 * An audio element that plays silence over and over.
 *
 * The voice comes from Web Audio, for which Android's Chrome shows no notification and hears no headset keys. While
 * an element plays, it does both.
 */
export class SilentTrack {
  private readonly element = new Audio();
  private readonly url = URL.createObjectURL(new Blob([silentWav()], { type: "audio/wav" }));

  constructor() {
    this.element.src = this.url;
    this.element.loop = true;
    // Refused where nothing was clicked yet; then the notification is missing, and nothing else.
    this.element.play().catch(() => undefined);
  }

  end(): void {
    this.element.pause();
    this.element.removeAttribute("src");
    URL.revokeObjectURL(this.url);
  }
}

/** A WAV file of `LENGTH_S` seconds of nothing: mono, 8 bit. */
export function silentWav(): ArrayBuffer {
  const bytes = LENGTH_S * SAMPLE_RATE;
  const file = new ArrayBuffer(HEADER_BYTES + bytes);
  const view = new DataView(file);
  const text = (at: number, letters: string) => {
    for (const [i, letter] of [...letters].entries()) view.setUint8(at + i, letter.charCodeAt(0));
  };
  text(0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + bytes, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, SAMPLE_RATE, true);
  view.setUint32(28, SAMPLE_RATE, true); // bytes per second
  view.setUint16(32, 1, true); // bytes per frame
  view.setUint16(34, 8, true); // bits
  text(36, "data");
  view.setUint32(40, bytes, true);
  new Uint8Array(file, HEADER_BYTES).fill(SILENCE);
  return file;
}
