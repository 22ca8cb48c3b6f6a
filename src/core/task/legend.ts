// What the colours of a task's pictures mean.

import { labelColour, levelColour, levelDepth } from '../data/index.js';
import type { TaskDescription } from './description.js';
import { sideColours } from './skeleton-drawing.js';

export interface LegendEntry {
  readonly name: string;
  /** As CSS has it. */
  readonly colour: string;
}

/** Levels of the colour scale of depth that are named, from far to near. */
const namedLevels = [255, 213, 170, 128, 86, 43, 1];

export function legendEntries(description: TaskDescription): readonly LegendEntry[] {
  switch (description.task) {
    case 'segmentation':
      return description.classes.map((name, k) => ({ name, colour: `rgb(${labelColour(k).join()})` }));
    case 'pose':
      return Object.entries(sideColours).map(([name, colour]) => ({ name, colour }));
    case 'depth': {
      const { minDepth, maxDepth } = description;
      return namedLevels.map((level) => ({
        name: `${levelDepth(level, minDepth, maxDepth).toFixed(1)} m`,
        colour: `rgb(${levelColour(level).join()})`,
      }));
    }
  }
}
