/** The peer said something that the protocol does not allow. The cure is to close with 4000 and resume. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}
