import type { NarrationError } from "../store/narrationStore";
import { refusalOf, SessionRefused } from "./closeCodes";

/** Said when the server gives no reason of its own. */
const START_FAILED = "Failed to start generation";

/** A live session and the address of its socket (relative, with a single-use ticket of 30 s). */
export interface SessionAddress {
  readonly sessionId: string;
  readonly websocketUrl: string;
}

/** The server refused to begin, or did not answer. */
export interface StartRefused {
  readonly refused: NarrationError;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Asks the server to write and narrate the next scene. A refusal carries the server's own words where it gave some. */
export async function requestNarration(
  fetch: Fetch,
  storyId: number,
  customPrompt: string,
): Promise<SessionAddress | StartRefused> {
  const form = new URLSearchParams({ custom_prompt: customPrompt, enable_tts_stream: "true" });
  const response = await fetch(`/api/stories/${storyId}/scenes/generate-with-tts-stream`, {
    method: "POST",
    credentials: "same-origin",
    body: form,
  }).catch(() => null);
  const answer = await bodyOf(response);
  if (!response?.ok) return startRefused(answer);
  const { session_id: sessionId, websocket_url: websocketUrl } = answer;
  if (typeof sessionId !== "string" || typeof websocketUrl !== "string") return startRefused({});
  return { sessionId, websocketUrl };
}

/**
 * A fresh address for a session that is known already: a ticket works once.
 *
 * @throws SessionRefused when the session is gone or not ours.
 * @throws Error when the server cannot be reached; trying again may help.
 */
export async function requestTicket(fetch: Fetch, sessionId: string): Promise<string> {
  const path = `/api/sessions/${encodeURIComponent(sessionId)}/ticket`;
  const response = await fetch(path, { method: "POST", credentials: "same-origin" });
  const refusal = refusalOf(response.status);
  if (refusal) throw new SessionRefused(refusal);
  const { websocket_url: websocketUrl } = await bodyOf(response);
  if (!response.ok || typeof websocketUrl !== "string") {
    throw new Error(`no ticket: status ${response.status}`);
  }
  return websocketUrl;
}

/** Stops a session without a socket; what was generated is kept. Rejects when the server cannot be reached. */
export async function requestStop(fetch: Fetch, sessionId: string): Promise<void> {
  await fetch(`/api/sessions/${encodeURIComponent(sessionId)}/stop`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ keep: true }),
    keepalive: true,
  });
}

/** The JSON object in an answer; empty where there is none. */
async function bodyOf(response: Response | null): Promise<Record<string, unknown>> {
  const body: unknown = await response?.json().catch(() => null);
  return isRecord(body) ? body : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function startRefused({ error }: Record<string, unknown>): StartRefused {
  const { code, message, retry_after_ms } = isRecord(error) ? error : {};
  return {
    refused: {
      code: typeof code === "string" ? code : "start_failed",
      message: typeof message === "string" ? message : START_FAILED,
      retryAfterMs: typeof retry_after_ms === "number" ? retry_after_ms : null,
    },
  };
}
