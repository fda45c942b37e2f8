/** Keeps `String.fromCharCode` below the number of arguments that engines take. */
const SLICE_BYTES = 8192;

/** Base64 of samples as little-endian bytes. */
export function toBase64(samples: Int16Array): string {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  let binary = "";
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + SLICE_BYTES));
  }
  return btoa(binary);
}
