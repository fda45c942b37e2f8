import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AccountTab } from "./AccountTab";
import { authModeQuery } from "./queries";

const requests: [string, string, unknown][] = [];
let answer: Response;

beforeEach(() => {
  requests.length = 0;
  answer = new Response(null, { status: 204 });
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    if (init.method === "GET") return Response.json({ mode: "accounts", user: null });
    requests.push([init.method ?? "", path, JSON.parse(String(init.body ?? "null"))]);
    return answer;
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show() {
  const queries = new QueryClient({
    defaultOptions: { queries: { staleTime: Infinity, retry: false } },
  });
  const user = { id: 1, username: "Ada", is_admin: true, created_at: "2026-01-01T00:00:00Z" };
  queries.setQueryData(authModeQuery.queryKey, {
    mode: "accounts",
    user,
    registration_open: true,
    needs_first_account: false,
  });
  render(
    <QueryClientProvider client={queries}>
      <AccountTab />
    </QueryClientProvider>,
  );
}

const refusal = (param: string, message: string) =>
  new Response(JSON.stringify({ error: { code: "invalid_input", message, param } }), {
    status: 422,
  });

async function changePassword() {
  await userEvent.type(screen.getByLabelText("Current password"), "correct horse");
  await userEvent.type(screen.getByLabelText("New password"), "battery staple");
  await userEvent.click(screen.getByRole("button", { name: "Change password" }));
}

test("another password is asked for with the current one, and the fields are empty again", async () => {
  show();
  await changePassword();
  const passwords = { current_password: "correct horse", new_password: "battery staple" };
  expect(requests).toEqual([["POST", "/api/auth/password", passwords]]);
  expect(screen.getByLabelText("Current password")).toHaveProperty("value", "");
});

test.each([
  ["current_password", "Current password"],
  ["new_password", "New password"],
])("a refused %s is said beside it", async (param, label) => {
  answer = refusal(param, "It cannot be this one.");
  show();
  await changePassword();
  const field = screen.getByLabelText(label);
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect(screen.getByRole("alert").textContent).toBe("It cannot be this one.");
});

test("an account is deleted after its password was typed, and kept otherwise", async () => {
  show();
  await userEvent.click(screen.getByRole("button", { name: "Delete account" }));
  await userEvent.click(screen.getByRole("button", { name: "Keep it" }));
  expect(requests).toEqual([]);

  await userEvent.click(screen.getByRole("button", { name: "Delete account" }));
  await userEvent.type(screen.getByLabelText("Password"), "correct horse");
  await userEvent.click(screen.getByRole("button", { name: "Delete account" }));
  expect(requests[0]).toEqual(["DELETE", "/api/auth/me", { password: "correct horse" }]);
});
