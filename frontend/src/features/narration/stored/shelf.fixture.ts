import type { AudioOutput } from "../audio/output";
import { ramp } from "../store/narrative.fixture";
import type { StoredEnvironment } from "./storedNarration";
import type { NarrationBody, NarrationStatus } from "./timeline";
import type { PlayableScene, StoredScene } from "./timelineWatch";

interface ShelvedScene {
  readonly scene: StoredScene;
  readonly sentences: readonly { readonly text: string; readonly samples: number }[];
  status: NarrationStatus | "none";
  /** Sentences that can be heard. */
  ready: number;
  error: { code: string; message: string } | null;
}

type Answer = () => Response | Promise<Response>;

/** The server's stored narrations, in memory. Every sound tells its own address: see `ramp`. */
export class Shelf {
  /** `METHOD path` of every request. */
  readonly requests: string[] = [];
  readonly bodies: unknown[] = [];
  /** Answers given instead of the proper one, by path; the first that is there is used up. */
  readonly instead = new Map<string, Answer[]>();
  /** While true, sound is asked for and does not come. */
  isSlow = false;
  position: { sample: number; sentence: number; at: string | null } = {
    sample: 0,
    sentence: 0,
    at: null,
  };
  private readonly scenes = new Map<number, ShelvedScene>();
  private held: (() => void)[] = [];

  /** Puts a scene there whose sentences are `samples` long each. */
  add(
    id: number,
    texts: readonly string[],
    samples: number,
    status: ShelvedScene["status"] = "complete",
  ): ShelvedScene {
    const sentences = texts.map((text) => ({ text, samples }));
    const ready = status === "complete" ? texts.length : 0;
    const scene = { id, text: texts.join("") };
    const shelved = { scene, sentences, status, ready, error: null };
    this.scenes.set(id, shelved);
    return shelved;
  }

  scene(id: number): PlayableScene {
    const { scene, status } = this.shelved(id);
    return { ...scene, isNarrated: status === "complete" };
  }

  /** Indexes of the sentences of scene `id` that were asked for, in order. */
  asked(id = 1): number[] {
    const clip = new RegExp(`^GET /api/scenes/${id}/audio/chunks/(\\d+)`);
    return this.requests.flatMap((request) => {
      const index = clip.exec(request)?.[1];
      return index === undefined ? [] : [Number(index)];
    });
  }

  /** Lets everything come that was held back. */
  release(): void {
    this.isSlow = false;
    for (const go of this.held.splice(0)) go();
  }

  environment(output: AudioOutput): StoredEnvironment {
    return {
      fetch: (url, init) => this.answer(url, init),
      audioOut: () => output,
      now: () => Date.now(),
      clips: {
        decode: async (clip) => new Int16Array(clip.slice().buffer),
      },
    };
  }

  private async answer(url: string, init: RequestInit): Promise<Response> {
    const path = url.split("?")[0] as string;
    this.requests.push(`${init.method ?? "GET"} ${url}`);
    if (typeof init.body === "string") this.bodies.push(JSON.parse(init.body));
    const special = this.instead.get(path)?.shift();
    if (special) return special();
    const [, id, what, , index] = /^\/api\/scenes\/(\d+)\/(\w+)(\/chunks\/(\d+))?/.exec(path) ?? [];
    const shelved = this.shelved(Number(id));
    if (what === "position") return Response.json(this.position);
    if (what === "audio") return this.sound(shelved, Number(index));
    if (init.method === "POST") {
      shelved.status = "queued";
      shelved.error = null;
    }
    return shelved.status === "none" ? refusal(404) : Response.json(bodyOf(shelved));
  }

  private async sound({ sentences }: ShelvedScene, index: number): Promise<Response> {
    if (this.isSlow) await new Promise<void>((go) => this.held.push(go));
    const { samples } = sentences[index] as { samples: number };
    return new Response(ramp(index * samples, samples));
  }

  private shelved(id: number): ShelvedScene {
    const shelved = this.scenes.get(id);
    if (!shelved) throw new Error(`no scene ${id} on the shelf`);
    return shelved;
  }
}

export function refusal(status: number, message = "No."): Response {
  return Response.json({ error: { code: "no", message } }, { status });
}

function bodyOf({ scene, sentences, status, ready, error }: ShelvedScene): NarrationBody {
  let [start, charStart] = [0, 0];
  const all = sentences.map(({ text, samples }, index) => {
    start += samples;
    charStart += [...text].length;
    return {
      index,
      text,
      char_start: charStart - [...text].length,
      char_end: charStart,
      start: start - samples,
      samples,
      words: [{ t0: 0, t1: samples, c0: 0, c1: [...text].length }],
      words_source: "engine" as const,
      url: `/api/scenes/${scene.id}/audio/chunks/${index}?v=1`,
    };
  });
  return {
    status: status === "none" ? "queued" : status,
    chunk_count: sentences.length,
    chunks_ready: ready,
    error,
    opus_head: "",
    sentences: all.slice(0, ready),
  };
}
