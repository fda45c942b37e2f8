/** Ogg, as far as one Opus stream needs it. Source: RFC 3533, section 6. */

/** What is no Ogg file, or not a whole one. */
export class OggError extends Error {
  override readonly name = "OggError";
}

const CAPTURE = 0x4f_67_67_53; // "OggS"
const HEADER_BYTES = 27;
const SEGMENT_COUNT_AT = 26;
/** A segment of this size goes on in the next one; a shorter one ends its packet. */
const FULL_SEGMENT = 255;

/**
 * The packets of a file with one stream, in order; an Opus stream's first two are its head and its tags.
 *
 * Checksums are not looked at: the file came over a connection that has its own.
 *
 * @throws OggError when a page is damaged or the file ends within a packet.
 */
export function oggPackets(file: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = [];
  let begun: Uint8Array[] = [];
  let at = 0;
  while (at < file.length) {
    const page = pageAt(file, at);
    for (const { body, endsPacket } of page.pieces) {
      begun.push(body);
      if (!endsPacket) continue;
      packets.push(joined(begun));
      begun = [];
    }
    at = page.end;
  }
  if (begun.length > 0) throw new OggError("the file ends within a packet");
  return packets;
}

interface Piece {
  readonly body: Uint8Array;
  readonly endsPacket: boolean;
}

/** The page that begins at `at`: its packets and pieces of packets, and where it ends. */
function pageAt(file: Uint8Array, at: number): { pieces: Piece[]; end: number } {
  const bodyAt = bodyOf(file, at);
  const lengths = file.subarray(at + HEADER_BYTES, bodyAt);
  const pieces: Piece[] = [];
  let from = bodyAt;
  let to = bodyAt;
  lengths.forEach((length, i) => {
    to += length;
    const endsPacket = length < FULL_SEGMENT;
    if (!endsPacket && i < lengths.length - 1) return;
    pieces.push({ body: file.subarray(from, to), endsPacket });
    from = to;
  });
  if (to > file.length) throw new OggError("a page is cut off");
  return { pieces, end: to };
}

/** Where the page's sound begins, behind its header and the list of its segments' lengths. */
function bodyOf(file: Uint8Array, at: number): number {
  const segments = file[at + SEGMENT_COUNT_AT];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (segments === undefined || view.getUint32(at) !== CAPTURE) throw new OggError("no page here");
  const bodyAt = at + HEADER_BYTES + segments;
  if (bodyAt > file.length) throw new OggError("a page is cut off");
  return bodyAt;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (only && pieces.length === 1) return only;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
