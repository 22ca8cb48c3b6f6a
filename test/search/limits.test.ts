// Limits: what is proposed beyond them takes no worker and is no candidate.

import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { RandomSearch } from '../../src/core/policy/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { createPolicy, type Evaluate, type Executor, InProcess, RunFolder } from '../../src/core/search/index.js';
import { formatGenotype, parseGenotype } from '../../src/core/space/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { portable } from '../graph/run.js';
import { context, preset, runWith, synthetic } from './synthetic-loop.js';

describe('limits', () => {
  /** A limit that about half of the architectures keep, or fewer. */
  const middle = async (at = 5): Promise<number> => {
    const costs = (await runWith(synthetic, { candidates: 12 })).result.trials.map(({ parameters }) => parameters);
    return costs.toSorted((a, b) => a - b)[at] ?? 0;
  };

  test('an architecture beyond is no candidate: another one is drawn', async () => {
    let evaluated = 0;
    const counting: Evaluate = (...args) => {
      evaluated++;
      return synthetic(...args);
    };
    const most = await middle();
    const free = await runWith(synthetic, { candidates: 40 });
    const { result } = await runWith(counting, { limits: { parameters: most }, candidates: 8 });
    // Those that random search proposes anyway, without what is beyond.
    const within = free.result.trials.filter(({ parameters }) => parameters <= most).slice(0, 8);
    expect(result.trials.map(({ key }) => key)).toEqual(within.map(({ key }) => key));
    expect(result.trials.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(evaluated).toBe(8);
    expect(result.refused).toBe((within.at(-1)?.index ?? 0) - 8);
    expect(result.refused).toBeGreaterThan(0);
  });

  test('the strategy is told by how much, and what it learns is not kept without the trial after it', async () => {
    const most = await middle();
    const told: number[] = [];
    const random = new RandomSearch({ blocks: 3, rounds: 3 }, seededRandom(1).fork('policy'));
    const policy = {
      name: 'told',
      propose: () => random.propose(),
      observe: async () => ({}),
      refuse: async (_: unknown, violation: number) => {
        told.push(violation);
        return {};
      },
      state: () => random.state(),
      close: async () => {},
    };
    const { result, run } = await runWith(synthetic, { policy, limits: { parameters: most }, candidates: 6 });
    expect(told).toHaveLength(result.refused);
    const free = await runWith(synthetic, { candidates: 6 + told.length });
    const beyond = free.result.trials.filter(({ parameters }) => parameters > most);
    expect(told).toEqual(beyond.map(({ parameters }) => parameters / most - 1));
    const store = await run.look();
    expect(store.get('refused')).toBe(String(result.refused));
    store.close();
  });

  test('latency is measured once, of what keeps the other limits', async () => {
    const most = await middle();
    const timed: string[] = [];
    const latencyOf = async (genotype: Parameters<Evaluate>[1]): Promise<number> => {
      timed.push(formatGenotype(genotype));
      return timed.length % 2 === 0 ? 12.3 : 8.5;
    };
    const { result } = await runWith(synthetic, { limits: { latency: 10, parameters: most }, latencyOf, candidates: 3 });
    for (const trial of result.trials) expect(trial).toMatchObject({ latency: 8.5 });
    for (const { parameters } of result.trials) expect(parameters).toBeLessThanOrEqual(most);
    // Every second one that was measured is too slow; what has too many parameters is not measured.
    expect(timed).toHaveLength(5);
    expect(new Set(timed).size).toBe(5);
    expect(result.refused).toBeGreaterThan(2);
  });

  test('where nothing fits, an error with the least there was', async () => {
    const { result } = await runWith(synthetic, { candidates: 40 });
    const most = { parameters: 1000, multiplyAdds: 1e12 };
    const error = await runWith(synthetic, { limits: most, candidates: 3 }).catch((reason: unknown) => String(reason));
    expect(error).toMatch(/none of 1000 architectures that random proposed in a row is within the limits; the smallest had \d+ parameters/);
    const smallest = Number(/(\d+) parameters/.exec(String(error))?.[1]);
    expect(smallest).toBeLessThanOrEqual(Math.min(...result.trials.map(({ parameters }) => parameters)));
    expect(smallest).toBeGreaterThan(1_811_712);
    expect(error).toContain('(the limit is 1000)');
  });

  test('where latency has to be measured, after a quarter of the proposals; people are told meanwhile', async () => {
    const told: string[] = [];
    const observer = { onEvent: (kind: string, index: number, detail: string) => told.push(`${kind} #${index}: ${detail}`) };
    const slow = { limits: { latency: 1 }, latencyOf: async () => 2 + told.length, observer, candidates: 3 };
    await expect(runWith(synthetic, slow)).rejects.toThrow(
      /none of 250 architectures .* the smallest had 2.0 ms an image \(the limit is 1\): raise the limits/,
    );
    expect(told).toEqual(
      [100, 200].map((n) => `limits #1: ${n} architectures in a row were beyond them; the smallest had 2.0 ms an image (the limit is 1)`),
    );
  });

  test('where nothing fits and something is in hand, it is waited for', async () => {
    let observed = 0;
    // Small until one was observed: one that is proposed before it is beyond.
    const small = parseGenotype('[[9],[[0,1]]]');
    const large = parseGenotype('[[1],[[0,1]]]');
    let proposed = 0;
    const policy = {
      name: 'learner',
      propose: async () => ({ genotype: proposed++ === 0 || observed > 0 ? small : large }),
      observe: async () => {
        observed++;
        return {};
      },
      state: () => ({}),
      close: async () => {},
    };
    const inner = new InProcess(context, 1, synthetic);
    const executor: Executor = { slots: 2, evaluate: (job, observer) => inner.evaluate(job, observer), close: async () => {} };
    const smallCost = (await runWith(synthetic, { policy: { ...policy, propose: async () => ({ genotype: small }) }, candidates: 1 }))
      .result;
    observed = 0;
    const { parameters = 0 } = smallCost.trials[0] ?? {};
    const { result } = await runWith(synthetic, { policy, executor, limits: { parameters }, candidates: 2 });
    expect(result.trials).toHaveLength(2);
    expect(result.refused).toBe(1000);
  });

  test.each(['random', 'evolution', 'local'] as const)(
    '%s within limits: stopped after every trial and resumed, the same trials',
    async (strategy) => {
      const limits = { parameters: await middle(2) };
      const chosen = { ...preset, strategy, evolution: { population: 3, sample: 2 }, local: { starts: 2 } };
      const create = (state?: unknown) => createPolicy(portable, chosen, seededRandom(1).fork('policy'), state);
      const whole = await runWith(synthetic, { policy: await create(), candidates: 6, limits });
      expect(whole.result.refused).toBeGreaterThan(0);
      const run = await RunFolder.create(path.join(await temporaryFolder(), 'run'));
      let refused = 0;
      for (let candidates = 1; candidates <= 6; candidates++) {
        const store = run.openStore();
        const saved = store.resume();
        ({ refused } = (await runWith(synthetic, { run, store, policy: await create(saved?.policy), candidates, limits })).result);
      }
      expect(await run.readTrials()).toEqual(whole.result.trials);
      expect(refused).toBe(whole.result.refused);
    },
  );
});
