import { refusal, unreachable } from "./client";

/**
 * Send a form with files in it, and read the JSON of the answer.
 *
 * `fetch` does not tell how much was sent, so this is the one place for the older way.
 *
 * @param onProgress hears how much is sent, 0 to 1; at 1 the server may still be at work.
 * @param signal takes the request back; the promise then never settles.
 * @throws {ApiError} as `call`.
 */
export function upload<T>(
  path: string,
  form: FormData,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onerror = () => reject(unreachable());
    request.onload = () => {
      const { status, responseText } = request;
      const answer = new Response(responseText, { status });
      if (answer.ok) resolve(answer.json() as Promise<T>);
      else refusal(answer).then(reject);
    };
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}
