import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { ApiError, inWords } from "@/api/client";
import type { FoundSession } from "@/api/types";
import { useNarrationState } from "@/features/narration/components/useNarrationState";
import { useStreamingTTS } from "@/features/narration/hooks/useStreamingTTS";
import type { NarrationError } from "@/features/narration/store/narrationStore";
import type { NarrationSession } from "@/features/narration/transport/session";
import type { PromptAction } from "@/features/stories/promptRules";
import {
  findLiveSession,
  scenesQuery,
  storiesQuery,
  useWriteScene,
} from "@/features/stories/queries";

const nothing = () => undefined;

export type Telling = ReturnType<typeof useTelling>;

/** Why a scene was not written to its end. */
export interface Failure {
  readonly error: NarrationError;
  /** What was written of it is kept as this scene; null where there was nothing to keep. */
  readonly sceneId: number | null;
}

/** A story being continued: the prompt, the ways to have it written, and the narration. */
export function useTelling(storyId: number, firstPrompt: string) {
  const [prompt, setPrompt] = useState(firstPrompt);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [dismissed, setDismissed] = useState<NarrationError | null>(null);
  /** The last thing that was asked for, so that it can be asked again. */
  const asked = useRef<{ action: PromptAction; prompt: string }>({ action: "narrate", prompt: "" });
  const write = useWriteScene(storyId);
  const newestSceneId = useNewestSceneId(storyId);
  const narration = useStreamingTTS({
    storyId,
    customPrompt: prompt,
    onTextChunk: nothing,
    onComplete: nothing,
    onError: nothing,
  });
  const { session, startGeneration, attach } = narration;
  const state = useNarrationState(session);

  const dismiss = () => {
    setFailure(null);
    setDismissed(narration.error);
  };
  const act = (action: PromptAction) => {
    asked.current = { action, prompt };
    dismiss();
    if (action === "narrate") void startGeneration();
    else {
      const before = newestSceneId();
      write.mutate(prompt, {
        onSuccess: () => setPrompt(""),
        onError: (error) => {
          const newest = newestSceneId();
          setFailure({ error: asProblem(error), sceneId: newest === before ? null : newest });
        },
      });
    }
  };
  const askAgain = () => {
    // The narration must begin within the click, or the browser allows no sound; so the prompt is put back at once.
    flushSync(() => setPrompt(asked.current.prompt));
    act(asked.current.action);
  };

  useEffect(() => {
    // The server has the prompt; the box is free for the next one.
    if (state.phase === "generating") setPrompt((now) => (now === asked.current.prompt ? "" : now));
  }, [state.phase]);
  useLoadedScene(state.sceneId);
  const joined = usePickUp(storyId, attach);
  const isJoined = session !== null && session.sessionId === joined?.session_id;
  useRestWhenOver(isJoined && !joined?.generating ? session : null);

  const working = write.isPending ? "write" : narration.isGenerating ? "narrate" : null;
  return {
    prompt,
    setPrompt,
    act,
    askAgain,
    work: working as PromptAction | null,
    /** The narration was begun elsewhere, or before this page was loaded. */
    isJoined,
    failure: failure ?? failureOf(narration.error, dismissed, state.sceneId),
    dismiss,
    stop: () => narration.stopGeneration(),
    controls: narration,
    session,
    state,
  };
}

/** Missing sound is told beside the player, where it matters; the scene itself is well. */
function failureOf(
  error: NarrationError | null,
  dismissed: NarrationError | null,
  sceneId: number | null,
): Failure | null {
  const isForReader = error !== dismissed && error?.code !== "audio_unavailable";
  return error && isForReader ? { error, sceneId } : null;
}

/** Tells which scene was the last one when the scenes were last loaded. */
function useNewestSceneId(storyId: number): () => number | null {
  const cache = useQueryClient();
  return () => cache.getQueryData(scenesQuery(storyId).queryKey)?.at(-1)?.id ?? null;
}

/** Loads the scenes again once the narrated one is saved. */
function useLoadedScene(sceneId: number | null): void {
  const cache = useQueryClient();
  useEffect(() => {
    if (sceneId !== null) void cache.invalidateQueries({ queryKey: storiesQuery.queryKey });
  }, [sceneId, cache]);
}

/** Joins the story's session that already runs, after a reload or in a second window. Returns it once joined. */
function usePickUp(
  storyId: number,
  attach: (sessionId: string, websocketUrl: string) => unknown,
): FoundSession | null {
  const [joined, setJoined] = useState<FoundSession | null>(null);
  const latest = useRef(attach);
  useEffect(() => {
    latest.current = attach;
  });
  useEffect(() => {
    let left = false;
    findLiveSession(storyId).then(
      (found) => {
        if (!found || left) return;
        setJoined(found);
        latest.current(found.session_id, found.websocket_url);
      },
      // Without it the story is still all there; the next button says what is wrong with the server.
      nothing,
    );
    return () => {
      left = true;
    };
  }, [storyId]);
  return joined;
}

/** Keeps a scene silent that is over: nobody who opens a story wants it to start talking by itself. */
function useRestWhenOver(replayed: NarrationSession | null): void {
  useEffect(() => replayed?.pause(), [replayed]);
}

function asProblem(error: unknown): NarrationError {
  const code = error instanceof ApiError ? error.code : "internal";
  return { code, message: inWords(error), retryAfterMs: null };
}
