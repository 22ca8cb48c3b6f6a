// Which choices go with the reward: a dot for the effect, a line for its interval, and where nothing is.

import * as Plot from '@observablehq/plot';
import type { ChoiceEffect, RunCharts } from '../../src/server/api.js';
import { inputName, opName } from './choice-names';
import type { ChartProps } from './plot';

type Drawn = Pick<ChartProps, 'options' | 'keyOf'>;

function effectChart(effects: readonly ChoiceEffect[], nameOf: (choice: number) => string): Drawn {
  const data = effects.map((effect) => ({ ...effect, name: nameOf(effect.choice) }));
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
  const title = (d: (typeof data)[number]): string =>
    `${d.name}: ${signed(d.effect)} (${signed(d.low)} to ${signed(d.high)})\n${d.having} have it, ${d.lacking} have not`;
  return {
    options: {
      height: 70 + 22 * data.length,
      x: {
        label: 'difference of the mean reward',
        grid: true,
        tickFormat: (value: number) => (value === 0 ? '0' : `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`),
        nice: true,
      },
      y: { label: null, domain: data.map(({ name }) => name) },
      marks: [
        Plot.ruleX([0], { stroke: 'currentColor' }),
        Plot.link(data, { x1: 'low', x2: 'high', y1: 'name', y2: 'name', stroke: 'var(--c0)', strokeWidth: 1.5 }),
        Plot.dot(data, { x: 'effect', y: 'name', fill: 'var(--c0)', r: 4 }),
        Plot.tip(data, Plot.pointerY({ x: 'effect', y: 'name', title })),
      ],
    },
    keyOf: [
      { name: 'effect', colour: 'c0', mark: 'dot' },
      { name: '95 % interval', colour: 'c0', mark: 'line' },
    ],
  };
}

export function opEffectChart({ opEffects }: RunCharts): Drawn {
  return effectChart(opEffects, opName);
}

export function inputEffectChart({ inputEffects }: RunCharts): Drawn {
  return effectChart(inputEffects, inputName);
}
