import type { NarrationError } from "../store/narrationStore";

/** We close with this when the server broke the protocol; it closes with it when we did. */
export const PROTOCOL_VIOLATION = 4000;
export const NOT_AUTHENTICATED = 4401;

/** A refusal that trying again does not cure. */
export class SessionRefused extends Error {
  override readonly name = "SessionRefused";
  readonly error: NarrationError;

  constructor(error: NarrationError) {
    super(error.message);
    this.error = error;
  }
}

function refusal(code: string, message: string): NarrationError {
  return { code, message, retryAfterMs: null };
}

const REFUSALS: Readonly<Record<number, NarrationError>> = {
  [NOT_AUTHENTICATED]: refusal("not_authenticated", "You are signed out. Sign in and try again."),
  4403: refusal("not_yours", "This narration belongs to another account."),
  4404: refusal("unknown_session", "This narration is no longer on the server."),
  4409: refusal("superseded", "This narration was opened somewhere else."),
};

export const PROTOCOL_BROKEN = refusal(
  "protocol",
  "The server and this page do not understand each other. Reload the page.",
);

/** Why a close code or an HTTP status (401, 403, 404) ends the session; null when reconnecting may help. */
export function refusalOf(code: number): NarrationError | null {
  return REFUSALS[code < 1000 ? code + 4000 : code] ?? null;
}
