// A checker of StrykerJS that lets a part of the planted faults through: SAMPLE=0.2 npm run mutants tries every fifth of those that a
// test reaches. The others are reported as "compile errors", which no score counts. Which ones is a matter of where they are and what
// they are, so that the same code gives the same sample.

import { createHash } from 'node:crypto';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';

const share = Number(process.env.SAMPLE ?? 1);
if (!(share > 0 && share <= 1)) throw new Error(`SAMPLE=${process.env.SAMPLE} is no share: give a number above 0 and at most 1`);

class SampleChecker {
  async init() {}

  async check(mutants) {
    return Object.fromEntries(mutants.map((mutant) => [mutant.id, isTaken(mutant) ? { status: 'passed' } : notTaken]));
  }
}

const notTaken = { status: 'compileError', reason: 'not in the sample' };

function isTaken({ fileName, location, mutatorName, replacement }) {
  const { start, end } = location;
  const name = fileName.slice(fileName.lastIndexOf('src/'));
  const said = [name, start.line, start.column, end.line, end.column, mutatorName, replacement].join('\n');
  return createHash('sha256').update(said).digest().readUInt32BE(0) < share * 2 ** 32;
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, 'sample', SampleChecker)];
