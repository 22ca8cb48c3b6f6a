// From a preset's settings to the policy that carries them out.

import { Evolution, LocalSearch, Nsga2, type Policy, PredictorSearch, Ppo, RandomSearch, Reinforce } from '../policy/index.js';
import type { Random } from '../random/index.js';
import type { Runtime } from '../runtime/index.js';
import type { Preset } from '../preset/index.js';

/** @param state of an earlier policy of the same kind, to go on from */
export function createPolicy(runtime: Runtime, preset: Preset, random: Random, state?: unknown): Promise<Policy> {
  const { strategy, space, controller } = preset;
  const { hidden, layers, conditioning, ppo, ...update } = controller;
  const network = { hidden, layers, conditioning };
  switch (strategy) {
    case 'ppo':
      return Ppo.create(runtime, space, network, { ...update, ...ppo }, random, state);
    case 'reinforce':
      return Reinforce.create(runtime, space, network, update, random, state);
    case 'evolution':
      return Promise.resolve(new Evolution(space, preset.evolution, random, state));
    case 'local':
      return Promise.resolve(new LocalSearch(space, preset.local, random, state));
    case 'nsga2':
      return Promise.resolve(new Nsga2(space, { ...preset.nsga2, objectives: preset.objectives }, random, state));
    case 'predictor':
      return PredictorSearch.create(runtime, space, preset.predictor, random, state);
    case 'random':
      return Promise.resolve(new RandomSearch(space, random, state));
  }
}
