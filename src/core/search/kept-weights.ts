// Weights of the best architectures of a search, for their children to begin with: files in the run's folder that are named by what is in them,
// no more than so many, known to the database.

import { z } from 'zod';
import { parseJson } from '../errors/index.js';
import { savedState } from '../policy/index.js';
import { decodeSafetensors, encodeHalfSafetensors, WeightsError } from '../model/index.js';
import { files, sha256 } from '../platform/index.js';
import { formatGenotype, type Genotype, parseGenotype } from '../space/index.js';
import type { InheritedWeights } from '../train/index.js';
import type { RunFolder } from './run-folder.js';
import type { TrialStore } from './trial-store.js';

const keptSchema = z.object({ trial: z.number(), file: z.string(), reward: z.number(), generation: z.number() });
type Kept = z.infer<typeof keptSchema>;

/** A decoder of the paper has half a million weights. */
export const mostInheritedBytes = 64 * 2 ** 20;
const key = 'kept weights';

export class KeptWeights {
  readonly #run: RunFolder;
  readonly #store: TrialStore;
  readonly #most: number;
  #kept: Kept[];

  private constructor(run: RunFolder, store: TrialStore, most: number, kept: Kept[]) {
    this.#run = run;
    this.#store = store;
    this.#most = most;
    this.#kept = kept;
  }

  /** @param most how many are kept @throws UserError where the list of them is damaged */
  static async open(run: RunFolder, store: TrialStore, most: number): Promise<KeptWeights> {
    const stored = store.get(key);
    // A list that cannot be read is not an empty one: all that it names would be removed.
    const kept = savedState(z.array(keptSchema), stored && (parseJson(stored) ?? null), 'the list of kept weights') ?? [];
    await files().makeFolder(run.path('weights'));
    // Of a session that ended between the file and the database.
    const known = new Set(kept.map(({ file }) => file));
    for (const { name } of await files().list(run.path('weights'))) if (!known.has(name)) await files().remove(run.path(`weights/${name}`));
    return new KeptWeights(run, store, most, kept);
  }

  /** What is kept of a trial. */
  of(trial: number): Pick<Kept, 'file' | 'generation'> | undefined {
    return this.#kept.find((one) => one.trial === trial);
  }

  /**
   * Keeps a trial's weights if it is among the best, and drops those that no longer are.
   * @param parameters by name; none: nothing is kept
   * @param generation how many inherited, one from the other, until this one
   * @param wanted files that candidates in hand or the best one's repetition need
   */
  async keep(
    trial: { readonly index: number; readonly reward: number },
    genotype: Genotype,
    parameters: ReadonlyMap<string, Float32Array>,
    generation: number,
    wanted: ReadonlySet<string>,
  ): Promise<void> {
    const least = this.#kept.length < this.#most ? Number.NEGATIVE_INFINITY : Math.min(...this.#kept.map(({ reward }) => reward));
    if (parameters.size === 0 || trial.reward <= least) return;
    const tensors = [...parameters].filter(([name]) => name.startsWith('decoder.'));
    const bytes = encodeHalfSafetensors({
      tensors: new Map(tensors.map(([name, data]) => [name, { shape: [data.length], data }])),
      metadata: { genotype: formatGenotype(genotype) },
    });
    const file = `${hashOf(bytes)}.safetensors`;
    await files().replace(this.#run.path(`weights/${file}`), bytes);
    const all = [...this.#kept.filter((one) => one.trial !== trial.index), { trial: trial.index, file, reward: trial.reward, generation }];
    const ranked = all.toSorted((a, b) => b.reward - a.reward || a.trial - b.trial);
    const kept = ranked.filter((one, i) => i < this.#most || wanted.has(one.file));
    this.#store.set(key, JSON.stringify(kept));
    this.#kept = kept;
    const left = new Set(kept.map((one) => one.file));
    for (const one of all) if (!left.has(one.file)) await files().remove(this.#run.path(`weights/${one.file}`));
  }

  /** The bytes of a kept file; undefined where they are gone or not what they were. */
  async read(file: string): Promise<Uint8Array | undefined> {
    const bytes = await files()
      .readBounded(this.#run.path(`weights/${file}`), mostInheritedBytes)
      .catch(() => undefined);
    return bytes && `${hashOf(bytes)}.safetensors` === file ? bytes : undefined;
  }
}

function hashOf(bytes: Uint8Array): string {
  return sha256().update(bytes).digest().slice(0, 32);
}

/** @throws WeightsError where they are no such weights */
export function inheritanceFrom(bytes: Uint8Array): InheritedWeights {
  const { tensors, metadata } = decodeSafetensors(bytes, 'inherited weights');
  const { genotype } = metadata;
  if (genotype === undefined) throw new WeightsError('inherited weights: do not say whose they are');
  return { genotype: parseGenotype(genotype), weights: new Map([...tensors].map(([name, { data }]) => [name, data])) };
}
