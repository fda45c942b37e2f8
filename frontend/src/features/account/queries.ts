import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { AuthMode, User } from "@/api/types";

/** Who is here, and whether names are asked for at all. */
export const authModeQuery = queryOptions({
  queryKey: ["auth"],
  queryFn: () => call<AuthMode>("GET", "/api/auth/mode"),
});

export interface Credentials {
  username: string;
  password: string;
}

/** Come in with an account, or make one. */
export type Way = "login" | "register";

/** Sign in, or make an account and sign in. */
export function useSignIn(way: Way) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (credentials: Credentials) => {
      if (way === "register") await call<{ user: User }>("POST", "/api/auth/register", credentials);
      return call<{ user: User }>("POST", "/api/auth/login", credentials);
    },
    onSuccess: () => cache.resetQueries(),
  });
}

/** Leave. Everything that was loaded for this reader is forgotten. */
export function useSignOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => call<unknown>("POST", "/api/auth/logout"),
    onSuccess: () => cache.resetQueries(),
  });
}

/** Another password. This page stays signed in, every other one is not any more. */
export function useChangePassword() {
  return useMutation({
    mutationFn: (passwords: { current_password: string; new_password: string }) =>
      call<unknown>("POST", "/api/auth/password", passwords),
  });
}

/** Leave for good, with everything that was written. */
export function useDeleteAccount() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (password: string) => call<unknown>("DELETE", "/api/auth/me", { password }),
    onSuccess: () => cache.resetQueries(),
  });
}
