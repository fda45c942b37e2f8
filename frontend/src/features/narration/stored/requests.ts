import type { NarrationError } from "../store/narrationStore";
import { refusalOf } from "../transport/closeCodes";
import type { Fetch } from "../transport/requests";
import type { NarrationBody } from "./timeline";

/** The server said no, or nothing: `status` is 0 then. */
export interface Refused {
  readonly refused: { readonly status: number; readonly error: NarrationError };
}

export type NarrationAnswer = NarrationBody | Refused;

const SILENCE: NarrationError = {
  code: "unreachable",
  message: "The Rhapsode server does not answer. Is it still running?",
  retryAfterMs: null,
};

/** How far a scene's narration is, and where its sound lies. 404: it has none. */
export function requestTimeline(fetch: Fetch, sceneId: number): Promise<NarrationAnswer> {
  return ask(fetch, sceneId, "GET");
}

/** Has a scene narrated in the background; what failed before is tried again. */
export function orderNarration(fetch: Fetch, sceneId: number): Promise<NarrationAnswer> {
  return ask(fetch, sceneId, "POST");
}

async function ask(
  fetch: Fetch,
  sceneId: number,
  method: "GET" | "POST",
): Promise<NarrationAnswer> {
  const path = `/api/scenes/${sceneId}/narration`;
  try {
    const response = await fetch(path, { method, credentials: "same-origin" });
    if (!response.ok) return await refusedBy(response);
    return (await response.json()) as NarrationBody;
  } catch {
    return { refused: { status: 0, error: SILENCE } };
  }
}

async function refusedBy(response: Response): Promise<Refused> {
  return { refused: { status: response.status, error: await errorIn(response) } };
}

async function errorIn(response: Response): Promise<NarrationError> {
  const { status } = response;
  const body = (await response.json().catch(() => null)) as {
    error?: { code: string; message: string };
  } | null;
  if (body?.error) return { ...body.error, retryAfterMs: null };
  const message = `The server answered with an error (${status}).`;
  return refusalOf(status) ?? { code: "internal", message, retryAfterMs: null };
}

/** How far somebody has listened to a scene. */
export interface ListeningPosition {
  /** Absolute, 24 kHz. */
  readonly sample: number;
  readonly sentence: number;
}

/** Where this reader stopped listening, on whatever device; null when never, or when the server cannot be asked. */
export async function requestPosition(
  fetch: Fetch,
  sceneId: number,
): Promise<ListeningPosition | null> {
  try {
    const response = await fetch(positionPath(sceneId), {
      method: "GET",
      credentials: "same-origin",
    });
    if (!response.ok) return null;
    const { sample, sentence, at } = (await response.json()) as ListeningPosition & {
      at: string | null;
    };
    return at === null ? null : { sample, sentence };
  } catch {
    // It is a convenience: without it, the scene begins at its beginning.
    return null;
  }
}

/** Remembers where this reader is. Goes out even if the page is being closed; a loss is no matter. */
export function savePosition(fetch: Fetch, sceneId: number, position: ListeningPosition): void {
  fetch(positionPath(sceneId), {
    method: "PUT",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(position),
    keepalive: true,
  }).catch(() => undefined);
}

function positionPath(sceneId: number): string {
  return `/api/scenes/${sceneId}/position`;
}
