// best.safetensors: the network of the best trial whose weights are ours. It is replaced by whole networks only.

import { joinNetwork, readNetwork, WeightsError } from '../model/index.js';
import type { EncoderWeights } from '../nn/index.js';
import { formatArchitecture, formatGenotype, type Genotype, parseGenotype } from '../space/index.js';
import type { TaskDescription } from '../task/index.js';
import type { DecoderRecipe } from '../train/index.js';
import type { RunFolder } from './run-folder.js';
import type { Trial } from './trial.js';

export interface BestNetworkOptions {
  readonly run: RunFolder;
  readonly encoder: EncoderWeights;
  readonly task: TaskDescription;
  readonly decoder: Pick<DecoderRecipe, 'width' | 'sepRepeats'>;
}

export class BestNetwork {
  readonly #options: BestNetworkOptions;

  constructor(options: BestNetworkOptions) {
    this.#options = options;
  }

  /** Replaces the file, or says what is wrong with the weights and leaves it. */
  async keep(genotype: Genotype, parameters: ReadonlyMap<string, Float32Array>): Promise<string | undefined> {
    const { run, encoder, task, decoder } = this.#options;
    const { width, sepRepeats } = decoder;
    try {
      await run.writeBest(joinNetwork(encoder, parameters, { genotype, task, width, sepRepeats }));
      return undefined;
    } catch (error) {
      if (error instanceof WeightsError) return error.message;
      throw error;
    }
  }

  /** Why the file is not this trial's whole network; undefined where it is. */
  async fault({ genotype }: Trial): Promise<string | undefined> {
    const { run } = this.#options;
    if (!(await run.has('best.safetensors'))) return 'best.safetensors is not there';
    try {
      const { description } = await readNetwork(run.path('best.safetensors'));
      const own = formatGenotype(parseGenotype(JSON.stringify(genotype)));
      return formatArchitecture(description.genotype) === own ? undefined : "best.safetensors is another trial's";
    } catch (error) {
      if (error instanceof WeightsError) return error.message;
      throw error;
    }
  }
}
