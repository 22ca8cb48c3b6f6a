// `describe`: a genotype in words, what it costs, and its drawing.

import { z } from 'zod';
import { reasonOf, UserError } from '../core/errors/index.js';
import { replaceFile } from '../platform/node/files/index.js';
import { input } from '../core/graph/index.js';
import { buildNetwork, type Cost, costOf, Scope, torchEncoder } from '../core/nn/index.js';
import {
  type Architecture,
  architectureKey,
  architectureToJson,
  describeArchitecture,
  drawArchitecture,
  formatArchitecture,
} from '../core/space/index.js';
import { channelNames } from '../core/task/index.js';
import { taskOption } from './model-data.js';
import { namedNetwork } from './named-network.js';
import { imageSize, parseOptions, wholeNumber } from './options.js';
import { refuseTaken } from './output-file.js';

const optionsSchema = z.object({
  task: taskOption.optional(),
  classes: wholeNumber(1).optional(),
  width: wholeNumber(1).optional(),
  sepRepeats: wholeNumber(1).optional(),
  size: imageSize.optional(),
  svg: z.string().optional(),
  overwrite: z.boolean().default(false),
  json: z.boolean().default(false),
});

export async function describeCommand(text: string, raw: unknown): Promise<void> {
  const { size, svg, overwrite, json, ...choice } = parseOptions(optionsSchema, raw);
  if (svg !== undefined) await refuseTaken([svg], { option: '--svg', overwrite, inputs: [text] });
  const { architecture: genotype, task: described, decoder, size: ownSize } = await namedNetwork(text, choice);
  const [w, h] = size ?? ownSize ?? [512, 512];
  const { width, sepRepeats } = decoder;
  const { task } = described;
  const classes = channelNames(described).length;
  const cost = (auxiliary: boolean): Cost => networkCost(genotype, { outputs: classes, width, sepRepeats, auxiliary }, h, w);
  const [plain, withAuxiliary] = [cost(false), cost(true)];
  if (json) {
    const figures = {
      genotype: architectureToJson(genotype),
      key: architectureKey(genotype),
      ...plain,
      parametersWithAuxiliary: withAuxiliary.parameters,
      size: [w, h],
    };
    console.log(JSON.stringify(figures));
  } else {
    const mb = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    console.log(
      [
        ...describeArchitecture(genotype),
        '',
        `Network of ${task}, ${classes} output channel(s), width ${width}, sepRepeats ${sepRepeats}, with its encoder`,
        `  parameters                       ${plain.parameters.toLocaleString('en')}`,
        `    with auxiliary heads           ${withAuxiliary.parameters.toLocaleString('en')}`,
        `    that can reach the output      ${plain.parametersInUse.toLocaleString('en')}`,
        `  multiply-adds at ${`${w}×${h}`.padEnd(14)}  ${(plain.multiplyAdds / 1e9).toFixed(3)} G`,
        `  memory, float32: weights         ${mb(plain.weightBytes)}`,
        `                   activations     ${mb(plain.activationBytes)} at most at once (batch 1)`,
        '',
        formatArchitecture(genotype),
      ].join('\n'),
    );
  }
  if (svg !== undefined)
    await replaceFile(svg, drawArchitecture(genotype)).catch((error: unknown) => {
      throw new UserError(`--svg ${svg}: cannot be written (${reasonOf(error)})`);
    });
}

function networkCost(
  genotype: Architecture,
  decoder: { outputs: number; width: number; sepRepeats: number; auxiliary: boolean },
  h: number,
  w: number,
): Cost {
  const scope = Scope.root('inference');
  const { logits } = buildNetwork(scope, input('image', [1, 3, h, w]), { genotype, encoder: torchEncoder, decoder });
  return costOf(scope, [logits]);
}
