// @vitest-environment node
/// <reference types="node" />
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { ApiError, call } from "./client";

let server: Server | null = null;

afterEach(() => {
  server?.close();
  server = null;
});

/** Starts a server that answers everything with `answer`. Returns an address on it. */
async function serve(answer: (response: ServerResponse) => void): Promise<string> {
  const started = createServer((_request, response) => answer(response));
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/`;
}

function failureOf(promise: Promise<unknown>): Promise<ApiError> {
  return promise.then(
    () => expect.unreachable(),
    (error: unknown) => {
      expect(error).toBeInstanceOf(ApiError);
      return error as ApiError;
    },
  );
}

test("an answer is its JSON, and no content is nothing", async () => {
  const address = await serve((response) => response.end('{"id": 1}'));
  expect(await call("GET", address)).toEqual({ id: 1 });
  server?.close();
  const empty = await serve((response) => response.writeHead(204).end());
  expect(await call("DELETE", empty)).toBeUndefined();
});

test("a refusal keeps the server's words, the field and what would have been allowed", async () => {
  const address = await serve((response) =>
    response.writeHead(422).end(
      JSON.stringify({
        error: {
          code: "unknown_voice",
          message: "No such voice.",
          param: "default_voice",
          allowed: ["a", "b"],
        },
      }),
    ),
  );
  const failure = await failureOf(call("PUT", address, {}));
  expect(failure).toMatchObject({
    status: 422,
    code: "unknown_voice",
    message: "No such voice.",
    param: "default_voice",
    allowed: ["a", "b"],
  });
});

test("a gateway's page is not shown to people", async () => {
  const address = await serve((response) => response.writeHead(502).end("<h1>Bad Gateway</h1>"));
  const failure = await failureOf(call("GET", address));
  expect(failure.code).toBe("unreachable");
  expect(failure.message).toBe("The Rhapsode server does not answer. Is it still running?");
});

test("silence is an error of its own", async () => {
  const address = await serve((response) => response.end());
  server?.close();
  const failure = await failureOf(call("GET", address));
  expect(failure).toMatchObject({ status: 0, code: "unreachable" });
});
