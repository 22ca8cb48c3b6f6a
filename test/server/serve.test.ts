// A model behind HTTP: it answers what `predict` writes, refuses what it should in a sentence, and loses nothing.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshNetwork, joinNetwork, loadEncoder, networkFile, writeSafetensors } from '../../src/core/model/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import type { TaskDescription } from '../../src/core/task/index.js';
import { type ServedModel, serve } from '../../src/server/serve/index.js';
import { acceptedFormat } from '../../src/server/serve/read-question.js';
import { temporaryFolder } from '../data/fixtures.js';
import { auxcell, bin } from '../e2e/cli.js';

const tasks: Readonly<Record<'segmentation' | 'pose' | 'depth', TaskDescription>> = {
  segmentation: {
    task: 'segmentation',
    classes: ['ground', 'sky', 'tree', 'house'],
    validated: { kind: 'resize', aspect: 'stretched', width: 96, height: 64 },
  },
  pose: {
    task: 'pose',
    joints: ['head', 'left_hand', 'right_hand'],
    skeleton: [[0, 1]],
    crop: [64, 96],
    padding: 1.25,
    sigma: 2,
    decoding: 'quarter',
  },
  depth: {
    task: 'depth',
    minDepth: 0.5,
    maxDepth: 10,
    unit: 'metre',
    validated: { kind: 'resize', aspect: 'stretched', width: 96, height: 64 },
  },
};
const boxes = [
  [20, 10, 60, 90],
  [70.5, 20, 50, 70],
];
const [width, height] = [150, 110];
let folder: string;
const at = (name: string): string => path.join(folder, name);
const modelOf = (task: string): string => at(`${task}.safetensors`);
let picture: Buffer;
const served = new Map<string, ServedModel>();
const urlOf = (task: string): string => served.get(task)?.url ?? '';

beforeAll(async () => {
  folder = await temporaryFolder();
  const encoder = await loadEncoder('movenet');
  for (const [name, task] of Object.entries(tasks)) {
    // A real encoder under a decoder that has learnt nothing: what is seen depends on the picture.
    const description = { genotype: parseGenotype(publishedGenotypes.arch1), task, width: 16, sepRepeats: 1 };
    const { tensors } = freshNetwork(description, seededRandom(3));
    const parameters = new Map([...tensors].filter(([key]) => key.startsWith('decoder.')).map(([key, { data }]) => [key, data]));
    await writeSafetensors(modelOf(name), networkFile(joinNetwork(encoder, parameters, description)));
  }
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return 128 + 100 * Math.sin((x * (c + 1)) / 25) * Math.cos((y * (3 - c)) / 20);
  });
  // Turned as phones do it.
  picture = await sharp(data, { raw: { width, height, channels: 3 } })
    .withMetadata({ orientation: 1 })
    .jpeg()
    .toBuffer();
  await mkdir(at('pictures'));
  await writeFile(at('pictures/picture.jpg'), picture);
  await writeFile(at('boxes.json'), JSON.stringify({ 'picture.jpg': boxes }));
  for (const name of Object.keys(tasks))
    served.set(name, await serve({ model: modelOf(name), port: 0, maxBytes: 200_000, maxPixels: 1_000_000 }));
});
afterAll(async () => {
  for (const model of served.values()) await model.close();
});

function form(fields: Readonly<Record<string, string>> = {}, image: Uint8Array = picture): FormData {
  const data = new FormData();
  data.set('image', new Blob([new Uint8Array(image)]), 'picture.jpg');
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

async function bytesOf(response: Response): Promise<Buffer> {
  expect(response.status, response.ok ? '' : await response.clone().text()).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

describe('answers what predict writes', () => {
  test.each(Object.keys(tasks))('of %s', async (task) => {
    const isPose = task === 'pose';
    const people = isPose ? ['--boxes', at('boxes.json')] : [];
    const { code, stderr } = await auxcell(['predict', modelOf(task), at('pictures/picture.jpg'), '-o', at(task), ...people]);
    expect(code, stderr).toBe(0);
    const url = `${urlOf(task)}predict`;
    const fields: Record<string, string> = isPose ? { boxes: JSON.stringify(boxes) } : {};
    const query = new URLSearchParams(fields);

    const overlay = await readFile(at(`${task}/picture-overlay.jpg`));
    expect((await bytesOf(await fetch(`${url}?format=overlay`, { method: 'POST', body: form(fields) }))).equals(overlay)).toBe(true);
    const raw = { method: 'POST', body: new Uint8Array(picture), headers: { accept: 'image/jpeg' } };
    expect((await bytesOf(await fetch(`${url}?${query}`, raw))).equals(overlay)).toBe(true);

    const answer = JSON.parse(String(await bytesOf(await fetch(url, { method: 'POST', body: form(fields) }))));
    expect(answer).toMatchObject({ task, width, height });
    const accepting = { method: 'POST', body: form({ ...fields, format: 'png' }) };
    if (isPose) {
      expect(answer.people).toEqual(JSON.parse(await readFile(at('pose/picture.json'), 'utf8')).people);
      expect((await fetch(url, accepting)).status).toBe(406);
      return;
    }
    const written = await readFile(at(`${task}/picture.png`));
    expect((await bytesOf(await fetch(url, accepting))).equals(written)).toBe(true);
    expect(Buffer.from(answer.png, 'base64').equals(written)).toBe(true);
    const { data } = await sharp(written).toColourspace('b-w').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    if (task === 'segmentation') {
      // The values of a PNG with a palette are colours to sharp: they say how many pixels are alike.
      const rgb = await sharp(written).removeAlpha().raw().toBuffer();
      const counts = new Map<string, number>();
      for (let i = 0; i < rgb.length; i += 3)
        counts.set([...rgb.subarray(i, i + 3)].join(), (counts.get([...rgb.subarray(i, i + 3)].join()) ?? 0) + 1);
      const labels: { name: string; label: number; pixels: number; share: number; colour: number[] }[] = answer.labels;
      expect(labels.length).toBeGreaterThan(1);
      expect(new Map(labels.map(({ colour, pixels }) => [colour.join(), pixels]))).toEqual(counts);
      for (const { label, name, pixels, share } of labels) {
        expect(name).toBe(['ground', 'sky', 'tree', 'house'][label]);
        expect(share).toBeCloseTo(pixels / (width * height), 12);
      }
    } else {
      expect(data.length).toBe(width * height);
      expect(answer.unitsPerMetre).toBe(1000);
      expect(answer.metres.least).toBeGreaterThanOrEqual(0.4);
      expect(answer.metres.most).toBeGreaterThan(answer.metres.mean);
    }
  });

  test('and averages over the mirror image where it is asked to', async () => {
    const url = `${urlOf('pose')}predict`;
    const [once, twice] = await Promise.all(
      ['false', 'true'].map(async (flip) => String(await bytesOf(await fetch(url, { method: 'POST', body: form({ flip }) })))),
    );
    expect(once).not.toBe(twice);
  });
});

describe('refuses in a sentence', () => {
  const bomb = (): Promise<Buffer> =>
    sharp({ create: { width: 4000, height: 3000, channels: 3, background: { r: 0, g: 0, b: 0 } } })
      .png({ compressionLevel: 9 })
      .toBuffer();
  const cases: readonly (readonly [string, number, RegExp, () => Promise<RequestInit & { query?: string }>])[] = [
    ['no picture', 400, /there is no picture; send it/, async () => ({})],
    [
      'a form without a file',
      400,
      /the form has no file/,
      async () => ({
        body: '--x\r\ncontent-disposition: form-data; name="format"\r\n\r\npng\r\n--x--\r\n',
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      }),
    ],
    [
      'a form that is none',
      400,
      /the form cannot be read/,
      async () => ({ body: 'x', headers: { 'content-type': 'multipart/form-data' } }),
    ],
    [
      'two pictures',
      400,
      /"other"; send one picture/,
      async () => {
        const data = form();
        data.set('other', new Blob(['x']), 'x');
        return { body: data };
      },
    ],
    ['an unknown field', 400, /colour: not known; there are format/, async () => ({ body: form({ colour: '1' }) })],
    ['an unknown format', 400, /format: must be json, png, overlay, got "tiff"/, async () => ({ body: form(), query: 'format=tiff' })],
    ['boxes that are none', 400, /boxes: must be 1 to 100 boxes/, async () => ({ body: form({ boxes: '[[1,2]]' }) })],
    ['boxes without people', 400, /boxes: the model is for segmentation/, async () => ({ body: form({ boxes: '[[0,0,9,9]]' }) })],
    ['what it does not give', 406, /"text\/html" accepts nothing/, async () => ({ body: form(), headers: { accept: 'text/html' } })],
    ['text', 415, /is none of JPEG, PNG/, async () => ({ body: 'a photograph' })],
    [
      'a drawing with a file inside',
      415,
      /is none of JPEG, PNG/,
      async () => ({ body: '<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>' }),
    ],
    [
      'half a picture',
      422,
      /the picture: .*cannot be read/,
      async () => ({ body: new Uint8Array(picture.subarray(0, picture.length / 2)) }),
    ],
    ['too many bytes', 413, /too large/, async () => ({ body: new Uint8Array(200_001) })],
    ['too many pixels', 413, /4000×3000 is more than the 1 million/, async () => ({ body: new Uint8Array(await bomb()) })],
  ];
  test.each(cases)('%s: %i', async (_what, status, sentence, request) => {
    const { query = '', ...init } = await request();
    const response = await fetch(`${urlOf('segmentation')}predict?${query}`, { method: 'POST', ...init });
    expect(response.status).toBe(status);
    expect(JSON.parse(await response.text()).error).toMatch(sentence);
  });

  test('a box outside the picture', async () => {
    const response = await fetch(`${urlOf('pose')}predict`, { method: 'POST', body: form({ boxes: '[[500,0,9,9]]' }) });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('lies outside the picture (150×110)')]);
  });

  test('pages of other servers', async () => {
    const response = await fetch(`${urlOf('pose')}predict`, {
      method: 'POST',
      body: form(),
      headers: { origin: 'http://elsewhere.example' },
    });
    expect(response.status).toBe(403);
  });

  test('and is as well as before', async () => {
    const response = await fetch(`${urlOf('segmentation')}health`);
    expect([response.status, await response.json()]).toMatchObject([200, { status: 'ready', inHand: 0, task: 'segmentation' }]);
  });

  test('a model that is none, before it listens', async () => {
    await expect(serve({ model: at('boxes.json'), port: 0 })).rejects.toThrow(/boxes\.json/);
    await expect(serve({ model: modelOf('pose'), port: 0, size: 'native' })).rejects.toThrow(/crops of its own size/);
  });
});

test('the best of what is accepted', () => {
  expect(
    [undefined, '*/*', 'image/*', 'image/jpeg;q=0.5, image/png', 'application/json;q=0.1, */*', 'image/png;q=0, image/*'].map(
      acceptedFormat,
    ),
  ).toEqual(['json', 'json', 'png', 'png', 'png', 'overlay']);
});

test('the first page says how to ask', async () => {
  expect(await (await fetch(urlOf('depth'))).text()).toMatch(
    /depth\.safetensors, a model of depth.*\n\n {2}curl -F image=@photo\.jpg 'http:\/\/127\.0\.0\.1:\d+\/predict\?format=json'/,
  );
});

test('many at once: none is lost, and all are told the same', async () => {
  const left = Array.from({ length: 64 }, (_, i) => i);
  const answers: string[] = [];
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (left.pop() !== undefined)
        answers.push(String(await bytesOf(await fetch(`${urlOf('segmentation')}predict`, { method: 'POST', body: form() }))));
    }),
  );
  expect([answers.length, new Set(answers).size]).toEqual([64, 1]);
});

/** Takes seconds: a hundred people. */
const slow = (): RequestInit => ({
  method: 'POST',
  body: form({ flip: 'true', boxes: JSON.stringify(Array.from({ length: 100 }, () => boxes[0])) }),
});
const quick = (): RequestInit => ({ method: 'POST', body: form() });

/** The process of the server that began last here. */
function newestModelProcess(): number {
  return Number(execFileSync('pgrep', ['-n', '-P', String(process.pid), '-f', 'model-process'], { encoding: 'utf8' }));
}

async function eventually(url: string, matches: (health: { status: string; inHand: number; answered: number }) => boolean): Promise<void> {
  for (let k = 0; k < 400; k++) {
    if (matches(JSON.parse(await (await fetch(`${url}health`)).text()))) return;
    await sleep(50);
  }
  throw new Error('it did not come to that');
}

test('who finds all places taken is told when to come again', async () => {
  await using model = await serve({ model: modelOf('pose'), port: 0, waiting: 1 });
  const first = fetch(`${model.url}predict`, slow());
  await eventually(model.url, ({ inHand }) => inHand === 1);
  const second = fetch(`${model.url}predict`, quick());
  await eventually(model.url, ({ inHand }) => inHand === 2);
  const third = await fetch(`${model.url}predict`, quick());
  expect([third.status, third.headers.get('retry-after'), await third.text()]).toEqual([
    503,
    '1',
    expect.stringContaining('2 pictures are in hand'),
  ]);
  expect([(await first).status, (await second).status]).toEqual([200, 200]);
  await eventually(model.url, ({ inHand, answered }) => inHand === 0 && answered === 2);
});

test('who leaves in the middle gives the place to others, and what had not begun is left out', async () => {
  await using model = await serve({ model: modelOf('pose'), port: 0, waiting: 1 });
  const first = fetch(`${model.url}predict`, slow());
  await eventually(model.url, ({ inHand }) => inHand === 1);
  const leaves = new AbortController();
  const second = fetch(`${model.url}predict`, { ...slow(), signal: leaves.signal });
  await eventually(model.url, ({ inHand }) => inHand === 2);
  leaves.abort();
  await expect(second).rejects.toThrow();
  await eventually(model.url, ({ inHand }) => inHand === 1);
  expect((await fetch(`${model.url}predict`, quick())).status).toBe(200);
  expect((await first).status).toBe(200);
  await eventually(model.url, ({ inHand, answered }) => inHand === 0 && answered === 2);
});

test('what takes too long is ended, and the next picture gets another process', async () => {
  await using model = await serve({ model: modelOf('pose'), port: 0, timeout: 3000 });
  // Stopped, it takes longer than any processor is quick.
  process.kill(newestModelProcess(), 'SIGSTOP');
  const [one, two] = await Promise.all([
    fetch(`${model.url}predict`, quick()),
    sleep(100).then(() => fetch(`${model.url}predict`, quick())),
  ]);
  expect([one.status, await one.text()]).toEqual([504, expect.stringContaining('no answer within 3 s')]);
  expect([two.status, two.headers.get('retry-after')]).toEqual([503, '1']);
  await eventually(model.url, ({ status }) => status === 'ready');
  expect((await fetch(`${model.url}predict`, quick())).status).toBe(200);
});

test('a body that does not come is not waited for', async () => {
  await using model = await serve({ model: modelOf('pose'), port: 0, timeout: 1000 });
  const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([0xff])) });
  const response = fetch(`${model.url}predict`, { method: 'POST', body, duplex: 'half' });
  const status = await response.then(
    ({ status }) => status,
    () => 'the connection ended',
  );
  expect([408, 'the connection ended']).toContain(status);
  await eventually(model.url, ({ inHand }) => inHand === 0);
});

test('pages of a name that is allowed may ask, with the token', async () => {
  await using model = await serve({ model: modelOf('depth'), port: 0, allowHosts: ['auxcell.example'] });
  const ask = async (origin: string): Promise<number> => {
    const url = new URL(model.url);
    url.pathname = '/predict';
    return (await fetch(url, { ...quick(), headers: { origin } })).status;
  };
  expect([await ask('https://auxcell.example'), await ask('https://elsewhere.example'), await ask('null')]).toEqual([200, 403, 403]);
});

test('beyond loopback a token is wanted, but of who only asks how it is', async () => {
  await using model = await serve({ model: modelOf('depth'), host: '0.0.0.0', port: 0 });
  const { port, searchParams } = new URL(model.url);
  const token = searchParams.get('token');
  const url = `http://127.0.0.1:${port}`;
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect((await fetch(`${url}/predict`, quick())).status).toBe(401);
  expect((await fetch(`${url}/predict`, { ...quick(), headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
  expect((await fetch(`${url}/predict`, { ...quick(), headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  expect((await fetch(`${url}/predict?token=${token}`, quick())).status).toBe(200);
});

test('SIGTERM ends the command after what is in hand; a token of the environment is wanted on loopback too', async () => {
  const token = 'sixteen or more characters';
  const child = spawn(process.execPath, [bin, 'serve', modelOf('pose'), '--port', '0', '--processes', '2'], {
    env: { ...process.env, AUXCELL_TOKEN: token },
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = once(child, 'exit');
  for (let k = 0; k < 400 && !said.includes('\n'); k++) await sleep(50);
  const url = new URL(said.split(' ')[0] ?? '');
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(new URL('/predict', url), quick())).status).toBe(401);
  const first = fetch(new URL('/predict', url), { ...slow(), headers });
  await eventually(`${url.origin}/`, ({ inHand }) => inHand === 1);
  child.kill('SIGTERM');
  expect((await first).status).toBe(200);
  expect(await ended).toEqual([0, null]);
});
