/** What the timings panel says, line by line. */

import type { NarrationState } from "../store/narrationStore";

export interface TimingLine {
  readonly name: string;
  readonly value: string;
}

/** @param position what is heard now, in samples. */
export function timingLines(state: NarrationState, position: number): readonly TimingLine[] {
  const { timings, bufferedSamples, sampleRate, underruns, reconnects } = state;
  const ahead = Math.max(0, bufferedSamples - position) / sampleRate;
  const lines: TimingLine[] = [
    { name: "First words", value: waited(timings.firstTextMs) },
    { name: "First sound", value: waited(timings.firstSoundMs) },
    { name: "Ready to play", value: ahead === 0 ? "nothing" : `${seconds(ahead)} ahead` },
    { name: "Gaps", value: times(underruns) },
    { name: "Lost connections", value: times(reconnects) },
  ];
  return [...lines, ...serverLines(state)];
}

/** True when there is something to tell: a stored narration was not waited for. */
export function hasTimings({ timings }: NarrationState): boolean {
  return timings.firstTextMs !== null || timings.server !== null;
}

function serverLines({ timings: { server } }: NarrationState): TimingLine[] {
  if (!server) return [];
  const { rtf, engine_first_chunk_s: firstChunk } = server;
  const lines: TimingLine[] = [];
  if (firstChunk !== null) lines.push({ name: "Voice begins after", value: seconds(firstChunk) });
  if (rtf) lines.push({ name: "Voice works at", value: `${pace(1 / rtf)} × real time` });
  return lines;
}

function waited(ms: number | null): string {
  return ms === null ? "–" : `after ${seconds(ms / 1000)}`;
}

/** "12 ms", "0.42 s", "12 s". */
function seconds(amount: number): string {
  if (amount > 0 && amount < 0.1) return `${Math.max(1, Math.round(amount * 1000))} ms`;
  return `${amount < 10 ? amount.toFixed(amount < 1 ? 2 : 1) : Math.round(amount)} s`;
}

function pace(factor: number): string {
  return factor < 10 ? factor.toFixed(1) : String(Math.round(factor));
}

function times(count: number): string {
  if (count === 0) return "none";
  return count === 1 ? "one" : String(count);
}
