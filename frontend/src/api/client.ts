/** One door to the server: JSON in, JSON out, every refusal an {@link ApiError}. */

/** The server's refusal, or its silence, in words that can be shown. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** The field that was refused, where the server names one. */
  readonly param: string | null;
  /** The values that would have been accepted, where there are only so many. */
  readonly allowed: readonly string[];

  constructor(
    status: number,
    code: string,
    message: string,
    param: string | null = null,
    allowed: readonly string[] = [],
  ) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.param = param;
    this.allowed = allowed;
  }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

const UNREACHABLE = "The Rhapsode server does not answer. Is it still running?";

/** How long a request lives. */
interface Lifetime {
  /** It is carried on when the page is closed. Such bodies may have 64 KiB at a time, all together. */
  keepalive?: boolean;
}

async function send(
  method: Method,
  path: string,
  json?: unknown,
  lifetime: Lifetime = {},
): Promise<Response> {
  const init: RequestInit = { method, credentials: "same-origin", ...lifetime };
  if (json !== undefined) {
    init.headers = { "Content-Type": "application/json" };
    init.body = JSON.stringify(json);
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw unreachable();
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

interface Problem {
  error?: { code?: string; message?: string; param?: string | null; allowed?: string[] | null };
}

/** What to throw where nobody answers. */
export function unreachable(): ApiError {
  return new ApiError(0, "unreachable", UNREACHABLE);
}

/** What to throw for an answer that is no success. */
export async function refusal(response: Response): Promise<ApiError> {
  const problem = await response
    .json()
    .then((body: Problem) => body.error)
    .catch(() => undefined);
  // A gateway's page of HTML is no answer of ours.
  if (!problem?.message) {
    const gone = response.status >= 502 && response.status <= 504;
    const message = gone ? UNREACHABLE : `The server answered with an error (${response.status}).`;
    return new ApiError(response.status, gone ? "unreachable" : "internal", message);
  }
  return new ApiError(
    response.status,
    problem.code ?? "internal",
    problem.message,
    problem.param ?? null,
    problem.allowed ?? [],
  );
}

/**
 * Call a route and read its JSON.
 *
 * @throws {ApiError} on any status but 2xx, and when nobody answers.
 */
export async function call<T>(
  method: Method,
  path: string,
  json?: unknown,
  lifetime?: Lifetime,
): Promise<T> {
  const response = await send(method, path, json, lifetime);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/**
 * Call a route that answers with sound.
 *
 * @throws {ApiError} as {@link call}.
 */
export async function callForAudio(path: string, json: unknown): Promise<Blob> {
  return (await send("POST", path, json)).blob();
}

/** What to show for anything that was thrown. */
export function inWords(error: unknown): string {
  return error instanceof Error ? error.message : "Something went wrong.";
}
