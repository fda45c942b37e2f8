import workletUrl from "./player.worklet.ts?worker&url";
import type { PlayerCommand, PlayerReport } from "./playerMessages";
import { Playhead } from "./playhead";

/** A player as a node of the audio graph. */
export interface PlayerNode {
  readonly audioNode: AudioNode;
  post(command: PlayerCommand): void;
}

export type OpenPlayerNode = (
  context: AudioContext,
  onReport: (report: PlayerReport) => void,
  onBroken: () => void,
) => PlayerNode;

/**
 * Loads what players need in `context`: the audio thread where the browser has one for this page, else the page's
 * own thread. A page that is no secure context, such as plain http on a LAN address, has no audio worklets.
 */
export async function loadPlayer(context: AudioContext): Promise<OpenPlayerNode> {
  if (!context.audioWorklet) return onPageThread;
  await context.audioWorklet.addModule(workletUrl);
  return inAudioThread;
}

const inAudioThread: OpenPlayerNode = (context, onReport, onBroken) => {
  const node = new AudioWorkletNode(context, "rhapsode-player", {
    numberOfInputs: 0,
    numberOfOutputs: 1,
    outputChannelCount: [1],
  });
  node.onprocessorerror = onBroken;
  node.port.onmessage = (event: MessageEvent<PlayerReport>) => onReport(event.data);
  return {
    audioNode: node,
    post: (command) =>
      node.port.postMessage(command, command.type === "write" ? [command.samples.buffer] : []),
  };
};

/** 85 ms at 24 kHz: the page's thread may be busy for so long without a gap in the sound. */
const BLOCK = 2048;
const QUANTUM = 128;

/** `ScriptProcessorNode` is old, but it is the only thing that renders sound everywhere. */
const onPageThread: OpenPlayerNode = (context, onReport) => {
  const node = context.createScriptProcessor(BLOCK, 1, 1);
  let playhead: Playhead | null = new Playhead(context.sampleRate, onReport);
  node.onaudioprocess = ({ outputBuffer, playbackTime }) => {
    const channel = outputBuffer.getChannelData(0);
    const frame = Math.round(playbackTime * context.sampleRate);
    for (let at = 0; at < channel.length; at += QUANTUM) {
      playhead?.render(channel.subarray(at, at + QUANTUM), frame + at);
    }
  };
  return {
    audioNode: node,
    post: (command) => {
      if (command.type === "dispose") playhead = null;
      else playhead?.obey(command);
    },
  };
};
