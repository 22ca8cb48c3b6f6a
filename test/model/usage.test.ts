// The code that people are shown is the code of docs/deploy.md, which test/e2e/deploy.test.ts runs.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { usageExamples } from '../../src/core/model/index.js';

const documented = await readFile(path.join(import.meta.dirname, '..', '..', 'docs', 'deploy.md'), 'utf8');

test('masks: every example stands in docs/deploy.md under its title', () => {
  const examples = usageExamples({ task: 'segmentation', size: { width: 480, height: 360 } });
  expect(examples.map(({ name }) => name)).toEqual(['auxcell', 'onnxruntime-node', 'onnxruntime-web', '@huggingface/transformers']);
  for (const { title, language, code } of examples) {
    const [, shown] = new RegExp(`^## ${title}$.*?^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(documented) ?? [];
    expect(shown, title).toBe(code);
  }
});

test.each(['pose', 'depth'] as const)('%s: at the given size, and nothing for a pipeline of masks', (task) => {
  const examples = usageExamples({ task, size: { width: 192, height: 256 } });
  expect(examples.map(({ name }) => name)).toEqual(['auxcell', 'onnxruntime-node', 'onnxruntime-web']);
  for (const { code } of examples.slice(1)) expect(code).toContain('const [width, height] = [192, 256];');
});
