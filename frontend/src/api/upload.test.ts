import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "./client";
import { upload } from "./upload";

/** A request that the test answers. */
class Request {
  static last: Request;
  readonly upload: { onprogress: ((event: { loaded: number; total: number }) => void) | null } = {
    onprogress: null,
  };
  readonly done: unknown[] = [];
  onload: (() => void) | null = null;
  onerror: (() => void) | null = null;
  status = 0;
  responseText = "";

  constructor() {
    Request.last = this;
  }

  open(...what: unknown[]): void {
    this.done.push(what);
  }

  send(form: FormData): void {
    this.done.push([...form.keys()]);
  }

  abort(): void {
    this.done.push("abort");
  }

  answer(status: number, body: unknown): void {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.onload?.();
  }
}

beforeEach(() => void vi.stubGlobal("XMLHttpRequest", Request));
afterEach(() => void vi.unstubAllGlobals());

function begin(signal = new AbortController().signal) {
  const shares: number[] = [];
  const form = new FormData();
  form.set("name", "Mara");
  const answer = upload("/api/voices", form, (share) => shares.push(share), signal);
  return { answer, shares };
}

test("a form is sent, tells how far it is, and is answered", async () => {
  const { answer, shares } = begin();
  Request.last.upload.onprogress?.({ loaded: 25, total: 100 });
  Request.last.upload.onprogress?.({ loaded: 100, total: 100 });
  Request.last.answer(201, { id: "voice-1" });
  expect(await answer).toEqual({ id: "voice-1" });
  expect(shares).toEqual([0.25, 1]);
  expect(Request.last.done).toEqual([["POST", "/api/voices"], ["name"]]);
});

test("a refusal comes in the server's words, with its field", async () => {
  const { answer } = begin();
  const error = { code: "invalid_input", message: "The clip has 0.4 s.", param: "file" };
  Request.last.answer(422, { error });
  await expect(answer).rejects.toThrow(ApiError);
  await expect(answer).rejects.toMatchObject({ message: error.message, param: "file" });
});

test("silence is told as such", async () => {
  const { answer } = begin();
  Request.last.onerror?.();
  await expect(answer).rejects.toMatchObject({ code: "unreachable", status: 0 });
});

test("it can be taken back", () => {
  const taken = new AbortController();
  begin(taken.signal);
  taken.abort();
  expect(Request.last.done.at(-1)).toBe("abort");
});
