import { useLocation, useNavigate } from "react-router";
import { NarrationProblem, type WayOut } from "@/features/narration/components/NarrationProblem";
import type { Telling } from "./useTelling";

interface SceneFailureProps {
  telling: Telling;
  /** How to have the scene written after all; null where that cannot be asked for. */
  retry: WayOut | null;
}

/** Why a scene was not written to its end, and what can be done about it. */
export function SceneFailure({ telling, retry }: SceneFailureProps) {
  const navigate = useNavigate();
  const background = useLocation();
  if (!telling.failure) return null;
  const { error } = telling.failure;
  const other = replaceable(error.code);
  return (
    <NarrationProblem
      error={error}
      retry={retry}
      wayOut={
        other && {
          label: `Choose another ${other}`,
          onChoose: () => navigate(`/settings/${other}`, { state: { background } }),
        }
      }
      onDismiss={telling.dismiss}
    />
  );
}

/** What has failed, where another one in its place would help. */
function replaceable(code: string): "writer" | "voice" | null {
  if (code.startsWith("llm_")) return "writer";
  return /^(speech|synthesis|engine|unknown)_/.test(code) ? "voice" : null;
}
