const HEADER_BYTES = 27;

/** An Ogg file with these packets. `segmentsPerPage` 1..255 decides where pages end, also within packets. */
export function oggFile(packets: readonly Uint8Array[], segmentsPerPage = 255): Uint8Array {
  const segments = packets.flatMap(segmentsOf);
  const pages: number[][] = [];
  for (let at = 0; at < segments.length; at += segmentsPerPage) {
    pages.push(page(segments.slice(at, at + segmentsPerPage), pages.length));
  }
  return Uint8Array.from(pages.flat());
}

function segmentsOf(packet: Uint8Array): Uint8Array[] {
  const segments: Uint8Array[] = [];
  // A packet of n x 255 bytes ends with an empty segment.
  for (let at = 0; at <= packet.length; at += 255) segments.push(packet.subarray(at, at + 255));
  return segments;
}

function page(segments: readonly Uint8Array[], sequence: number): number[] {
  const header = new Uint8Array(HEADER_BYTES);
  header.set(new TextEncoder().encode("OggS"));
  new DataView(header.buffer).setUint32(18, sequence, true);
  header[26] = segments.length;
  return [...header, ...segments.map(({ length }) => length), ...segments.flatMap((s) => [...s])];
}
