import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { BrowserRouter } from "react-router";
import { ApiError } from "@/api/client";
import { Toaster } from "@/components/Toaster";
import { authModeQuery } from "@/features/account/queries";
import { Pages } from "./Pages";

/** Asking again helps against silence, not against an answer. */
function isWorthRetrying(failures: number, error: Error): boolean {
  const answered = error instanceof ApiError && error.status > 0 && error.status < 500;
  return !answered && failures < 2;
}

function createQueries(): QueryClient {
  // An expired sign-in shows first as the refusal of something else; asking who is here leads to the door.
  const onError = (error: Error) => {
    if (!(error instanceof ApiError) || error.status !== 401) return;
    void queries.invalidateQueries({ queryKey: authModeQuery.queryKey });
  };
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { retry: isWorthRetrying, staleTime: 30_000 },
      // A request that changes something is never sent twice by itself.
      mutations: { retry: false },
    },
  });
  return queries;
}

/** The whole page. */
export function App() {
  const [queries] = useState(createQueries);
  return (
    <QueryClientProvider client={queries}>
      <BrowserRouter>
        <Pages />
        <Toaster />
      </BrowserRouter>
    </QueryClientProvider>
  );
}
