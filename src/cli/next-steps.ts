// What comes after a search or a training: commands that work as they are printed.

import path from 'node:path';
import { commandLine } from './program-name.js';

export interface SearchDone {
  readonly folder: string;
  readonly data: string;
  /** The best trial's index. */
  readonly best: number;
  /** Whether its weights are in the folder. */
  readonly hasNetwork: boolean;
  /** By what the preset was named, where it has a section `train`. */
  readonly trainable: string | undefined;
}

export function afterSearch({ folder, data, best, hasNetwork, trainable }: SearchDone): string[] {
  const weights = path.join(folder, 'best.safetensors');
  const train = commandLine('train', '--genotype', `${folder}#${best}`, '--data', data, '--preset', trainable ?? 'mine.yaml');
  return [
    'next:',
    `  look    ${commandLine('dashboard', path.dirname(folder))}`,
    `  train   ${train}${trainable === undefined ? '  (mine.yaml: your preset with a section train, as in presets/camvid-full.yaml)' : ''}`,
    ...(hasNetwork ? [`  deploy  ${commandLine('export', '--weights', weights, '--upsample', '--normalise', '-o', 'model.onnx')}`] : []),
  ];
}

export function afterTraining(folder: string, data: string): string[] {
  const weights = path.join(folder, 'best.safetensors');
  return [
    'next:',
    `  measure ${commandLine('eval', weights, '--data', data)}`,
    `  look    ${commandLine('playground', weights)}`,
    `  deploy  ${commandLine('export', '--weights', weights, '--upsample', '--normalise', '-o', 'model.onnx')}`,
  ];
}
