// A table's query on rows that are at hand, as the server answers it of a database.

import type { RunCharts, TrialQuery, TrialRow } from '../../src/server/api.js';
import { readChoices } from '../../src/server/choices.js';

export function selectRows(rows: readonly TrialRow[], fronts: RunCharts['fronts'], query: TrialQuery): TrialRow[] {
  const { sort, descending, show, cost, op } = query;
  const front = new Set(fronts[cost].index);
  const isShown = ({ index, error, reusedFrom }: TrialRow): boolean => {
    switch (show) {
      case 'all':
        return true;
      case 'trained':
        return error === undefined && reusedFrom === undefined;
      case 'failed':
        return error !== undefined;
      case 'front':
        return front.has(index);
    }
  };
  const figureOf = (row: TrialRow): number | null => row[sort];
  const sign = descending ? -1 : 1;
  return rows
    .filter((row) => isShown(row) && (op === undefined || hasOp(row.genotype, op)))
    .toSorted((a, b) => {
      const [x, y] = [figureOf(a), figureOf(b)];
      if (x === null || y === null) return Number(x === null) - Number(y === null);
      return sign * (x - y);
    });
}

function hasOp(genotype: string, op: number): boolean {
  let found = false;
  readChoices(
    genotype,
    (chosen) => {
      found ||= chosen === op;
    },
    () => {},
  );
  return found;
}
