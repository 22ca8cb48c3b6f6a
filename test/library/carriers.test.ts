// What a model says of its task (names, the ignored label, what is laid under photographs, how they were framed) comes with it in
// every file and through every door, and is followed there.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluate, exportModel, openModel, serve } from '../../src/index.js';
import { playgroundModel, readCard, readNetwork } from '../../src/core/model/index.js';
import { servePlayground, writePlayground } from '../../src/server/index.js';
import { type TaskDescription, taskNames } from '../../src/core/task/index.js';
import { greyPng, temporaryFolder } from '../data/fixtures.js';
import { auxcell } from '../e2e/cli.js';
import { writeSeeingNetwork } from '../model/seeing-network.js';

const background: [number, number, number] = [250, 30, 90];
const validated = { kind: 'centre', aspect: 'kept', side: 64, width: 80, height: 64 } as const;
const tasks: Readonly<Record<string, TaskDescription>> = {
  segmentation: {
    task: 'segmentation',
    // A background that is not the first class, and names that need quoting.
    classes: ['left arm', 'right arm', 'background', 'Straße, "naß"'],
    ignore: 7,
    mirrorPairs: [[0, 1]],
    background,
    validated,
  },
  depth: { task: 'depth', minDepth: 0.5, maxDepth: 8, unit: 'metre', background, validated },
  pose: {
    task: 'pose',
    joints: ['head', 'left_hand', 'right_hand'],
    skeleton: [[0, 1]],
    crop: [64, 96],
    padding: 1.25,
    sigma: 2,
    decoding: 'quarter',
    mirrorPairs: [[1, 2]],
    background,
  },
};
const [width, height] = [80, 64];

let folder: string;
const at = (...names: string[]): string => path.join(folder, ...names);
const networkOf = (task: string): string => at(`${task}.safetensors`);

beforeAll(async () => {
  folder = await temporaryFolder();
  for (const [name, task] of Object.entries(tasks)) await writeSeeingNetwork(networkOf(name), task);
  // Two folders of the same scenes: photographs that are half transparent, and the same laid over the colour.
  for (const part of ['clear', 'laid'])
    for (const split of ['train', 'val']) for (const kind of ['images', 'masks']) await mkdir(at(part, split, kind), { recursive: true });
  for (const [k, split] of ['train', 'val', 'val'].entries()) {
    const rgba = Uint8Array.from({ length: 4 * width * height }, (_, i) => {
      const [x, y, c] = [Math.floor(i / 4) % width, Math.floor(i / 4 / width), i % 4];
      return c === 3 ? (x < width / 3 ? 255 : 0) : 128 + 100 * Math.sin((x * (c + 1 + k)) / 15) * Math.cos((y * (3 - c)) / 12);
    });
    const photo = sharp(rgba, { raw: { width, height, channels: 4 } });
    await photo
      .clone()
      .png()
      .toFile(at('clear', split, 'images', `${k}.png`));
    const [r, g, b] = background;
    await photo
      .clone()
      .flatten({ background: { r, g, b } })
      .png()
      .toFile(at('laid', split, 'images', `${k}.png`));
    const mask = greyPng(
      Uint8Array.from({ length: width * height }, (_, i) => (i % 9 === 0 ? 7 : Math.floor(i / 7 + k) % 4)),
      width,
      height,
    );
    for (const part of ['clear', 'laid']) await writeFile(at(part, split, 'masks', `${k}.png`), mask);
  }
});

/** What each carrier says of the task of a network's file. */
const carriers: Readonly<Record<string, (network: string) => Promise<unknown>>> = {
  safetensors: async (network) => (await readNetwork(network)).description.task,
  'safetensors that `export --to-torch` writes': async (network) => {
    const file = `${network}.torch.safetensors`;
    expect(await auxcell(['export', '--weights', network, '--to-torch', '--overwrite', '-o', file])).toMatchObject({ code: 0 });
    return (await readNetwork(file)).description.task;
  },
  ONNX: async (network) => taskOfOnnx(await exportModel({ network, output: `${network}.onnx` }), `${network}.onnx`),
  'ONNX of raw RGB at the photograph’s size': async (network) =>
    taskOfOnnx(await exportModel({ network, upsample: true, normalise: true }), 'raw.onnx'),
  'ONNX in half precision': async (network) => taskOfOnnx(await exportModel({ network, precision: 'float16' }), 'half.onnx'),
  'the page of a playground': async (network) => {
    const { url, close } = await servePlayground(await contentOf(network), { host: '127.0.0.1', port: 0 });
    try {
      return JSON.parse(await (await fetch(new URL('manifest.json', url))).text()).task;
    } finally {
      await close();
    }
  },
  'a playground as files': async (network) => {
    await writePlayground(await contentOf(network), `${network}.playground`);
    return JSON.parse(await readFile(path.join(`${network}.playground`, 'manifest.json'), 'utf8')).task;
  },
  'a model in a program': async (network) => {
    await using model = await openModel(network);
    return model.card.task;
  },
};

async function contentOf(network: string) {
  return { ...(await playgroundModel(network)), name: 'seen', samples: [] };
}

async function taskOfOnnx(model: Uint8Array, name: string): Promise<unknown> {
  return (await readCard(model, at('nowhere', name))).task;
}

describe.each(taskNames)('%s', (task) => {
  test.each(Object.keys(carriers))('%s', async (carrier) => {
    expect(await carriers[carrier]?.(networkOf(task))).toEqual(tasks[task]);
  });
});

describe('masks', () => {
  test('ONNX in 8 bits', async () => {
    const model = await exportModel({ network: networkOf('segmentation'), precision: 'int8', data: at('clear') });
    expect(await taskOfOnnx(model, 'int8.onnx')).toEqual(tasks['segmentation']);
  });

  test('the folder for transformers.js: its model, and its own keys', async () => {
    const args = ['export', '--weights', networkOf('segmentation'), '--transformers', '-o', at('hub')];
    expect(await auxcell(args)).toMatchObject({ code: 0, stderr: expect.stringContaining('laid over rgb(250, 30, 90)') });
    expect(await taskOfOnnx(await readFile(at('hub/onnx/model.onnx')), 'hub.onnx')).toEqual(tasks['segmentation']);
    const [config, processor] = await Promise.all(
      ['config.json', 'preprocessor_config.json'].map(async (name) => JSON.parse(await readFile(at('hub', name), 'utf8'))),
    );
    expect(config).toMatchObject({
      id2label: { 0: 'left arm', 1: 'right arm', 2: 'background', 3: 'Straße, "naß"' },
      label2id: { 'left arm': 0, 'right arm': 1, background: 2, 'Straße, "naß"': 3 },
      semantic_loss_ignore_index: 7,
    });
    expect(processor).toMatchObject({ size: { shortest_edge: 64 }, background });
  });

  test('a foreign model: the file beside it says what is laid under photographs', async () => {
    const plain = at('plain.safetensors');
    await writeSeeingNetwork(plain, { task: 'segmentation', classes: ['a', 'b'] });
    await exportModel({ network: plain, output: at('foreign.onnx') });
    await writeFile(at('foreign.json'), JSON.stringify({ background, validated }));
    await using model = await openModel(at('foreign.onnx'));
    expect(model.card.task).toEqual({ task: 'segmentation', classes: ['a', 'b'], background, validated });
  });
});

describe('photographs with transparency are laid over the colour', () => {
  const [clear, laid] = [(): string => at('clear/val/images/1.png'), (): string => at('laid/val/images/1.png')];

  test.each(taskNames)('in a program, %s', async (task) => {
    await using model = await openModel(networkOf(task));
    const seen = await model.predict(clear());
    expect(seen).toEqual(await model.predict(laid()));
    const { data } = await sharp(clear()).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    // What lies under transparency would be seen otherwise.
    expect(seen).not.toEqual(await model.predict({ width, height, data }));
  });

  test('by predict', async () => {
    const masks = await Promise.all(
      [clear(), laid()].map(async (photo, k) => {
        const { code, stderr } = await auxcell(['predict', networkOf('segmentation'), photo, '-o', at(`masks-${k}`)]);
        expect(code, stderr).toBe(0);
        return readFile(at(`masks-${k}`, '1.png'));
      }),
    );
    expect(masks[0]).toEqual(masks[1]);
  });

  test('by eval', async () => {
    const [first, second] = [
      await evaluate({ model: networkOf('segmentation'), data: at('clear') }),
      await evaluate({ model: networkOf('segmentation'), data: at('laid') }),
    ];
    expect(first.breakdown).toEqual(second.breakdown);
    expect(first.ignored).toBe(7);
  });

  test('by a server', async () => {
    await using served = await serve({ model: networkOf('segmentation'), port: 0 });
    const answers = await Promise.all(
      [clear(), laid()].map(async (photo) => {
        const answer = await fetch(new URL('predict?format=png', served.url), { method: 'POST', body: await readFile(photo) });
        expect(answer.status).toBe(200);
        return Buffer.from(await answer.arrayBuffer());
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
  });
});
