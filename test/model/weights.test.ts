import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { input } from '../../src/core/graph/index.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  encoderWeightsFrom,
  freshNetwork,
  loadEncoder,
  networkFile,
  readNetwork,
  writeSafetensors,
} from '../../src/core/model/index.js';
import { buildMobileNetV2, initialise, Scope, torchEncoder } from '../../src/core/nn/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { hubWeights } from '../../src/platform/node/hub.js';
import { parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { maskDescription } from '../task/mask-task.js';

function encoderTensors(): Map<string, { shape: readonly number[]; data: Float32Array }> {
  const scope = Scope.root('inference');
  buildMobileNetV2(scope, input('image', [1, 3, 64, 64]), torchEncoder);
  const values = initialise(scope.parameters, seededRandom(1));
  return new Map(scope.parameters.map(({ name, shape }) => [name, { shape, data: values.get(name) ?? new Float32Array() }]));
}

describe('safetensors', () => {
  test('there and back', () => {
    const tensors = new Map([
      ['a', { shape: [2, 3], data: Float32Array.from([1, 2, 3, 4, 5, 6]) }],
      ['b', { shape: [], data: Float32Array.of(7) }],
    ]);
    const { tensors: read, metadata } = decodeSafetensors(encodeSafetensors({ tensors, metadata: { x: 'y' } }), 'f');
    expect([...read]).toEqual([...tensors]);
    expect(metadata).toEqual({ format: 'pt', x: 'y' });
  });

  test('every damage is an error that names the file', () => {
    const whole = encodeSafetensors({ tensors: new Map([['a', { shape: [2], data: Float32Array.of(1, 2) }]]), metadata: {} });
    const random = seededRandom(2);
    expect(() => decodeSafetensors(whole.subarray(0, 5), 'f.safetensors')).toThrow(/f\.safetensors: not a readable safetensors file/);
    for (let k = 0; k < 300; k++) {
      const damaged = whole.slice();
      const at = random.integer(damaged.length - 8);
      damaged[at] = random.integer(256);
      try {
        decodeSafetensors(damaged, 'f.safetensors');
      } catch (error) {
        expect(String(error)).toContain('f.safetensors');
      }
    }
  });
});

describe('encoder weights', () => {
  test("the authors' names behind a prefix", () => {
    const tensors = new Map([...encoderTensors()].map(([name, tensor]) => [`encoder.${name}`, tensor]));
    const weights = encoderWeightsFrom({ tensors, metadata: {} }, 'f');
    expect(weights.tensors.size).toBe(tensors.size);
    expect(weights.options).toEqual(torchEncoder);
  });

  test('a wrong shape, a missing tensor, something else altogether', () => {
    const wrong = encoderTensors().set('layer4.0.conv.3.weight', { shape: [3], data: new Float32Array(3) });
    expect(() => encoderWeightsFrom({ tensors: wrong, metadata: {} }, 'f')).toThrow(
      'f: layer4.0.conv.3.weight has shape [3], MobileNet-v2 has [144, 1, 3, 3]',
    );
    const missing = encoderTensors();
    missing.delete('layer5.1.conv.7.bias');
    expect(() => encoderWeightsFrom({ tensors: missing, metadata: {} }, 'f')).toThrow(
      "f: layer5.1.conv.7.bias is missing (names look like the authors')",
    );
    expect(() => encoderWeightsFrom({ tensors: new Map(), metadata: {} }, 'f')).toThrow(/f: no MobileNet-v2 in it/);
    expect(() => encoderWeightsFrom({ tensors: encoderTensors(), metadata: { padding: 'odd' } }, 'f')).toThrow(
      /f: its padding convention is odd/,
    );
  });

  test('MoveNet comes with npm, in TensorFlow conventions', async () => {
    const { tensors, options, normalisation } = await loadEncoder('movenet');
    expect(options).toEqual({ padding: 'tf-same', expandsFirst: false });
    expect(normalisation.mean).toEqual([0.5, 0.5, 0.5]);
    const stem = tensors.get('layer1.0.weight');
    expect(stem?.shape).toEqual([32, 3, 3, 3]);
    // Trained, not zero: the stem's filters have some size.
    expect(Math.max(...(stem?.data ?? []))).toBeGreaterThan(0.1);
  });

  test('a file that is not there', async () => {
    await expect(loadEncoder('/nowhere.safetensors')).rejects.toThrow(/\/nowhere\.safetensors: cannot be read/);
  });
});

describe('a network in a file', () => {
  test('there and back', async () => {
    const file = path.join(await temporaryFolder(), 'n.safetensors');
    const description = { genotype: parseGenotype(publishedGenotypes.arch2), task: maskDescription(2), width: 16, sepRepeats: 1 };
    const made = freshNetwork(description, seededRandom(3));
    await writeSafetensors(file, networkFile(made));
    const read = await readNetwork(file);
    expect(read.description).toEqual(made.description);
    expect([...read.tensors.keys()].sort()).toEqual([...made.tensors.keys()].sort());
    expect(freshNetwork(description, seededRandom(3)).tensors).toEqual(made.tensors);
  });

  test('an encoder alone is none', async () => {
    const file = path.join(await temporaryFolder(), 'e.safetensors');
    await writeSafetensors(file, { tensors: encoderTensors(), metadata: {} });
    await expect(readNetwork(file)).rejects.toThrow(/its metadata lacks classes, genotype, width/);
  });
});

describe('the hub', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** Answers like the hub for one model, until it is closed. */
  async function hub(bytes: Uint8Array, sha256: string): Promise<string> {
    const oid = 'a'.repeat(40);
    server = createServer((request, response) => {
      const url = request.url ?? '';
      const json = (value: unknown): void => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(value));
      };
      if (url.includes('/paths-info/'))
        json([
          {
            type: 'file',
            path: 'model.safetensors',
            oid,
            size: bytes.length,
            lfs: { oid: sha256, size: bytes.length, pointerSize: 134 },
            lastCommit: { id: 'b'.repeat(40), title: 't', date: '2024-01-01' },
          },
        ]);
      else if (url.includes('/resolve/')) {
        response.setHeader('etag', `"${sha256}"`);
        response.setHeader('accept-ranges', 'bytes');
        const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
        const end = to === '' ? bytes.length : Number(to) + 1;
        const body = bytes.subarray(Number(from), end);
        if (request.headers.range) {
          response.statusCode = 206;
          response.setHeader('content-range', `bytes ${from}-${Number(from) + body.length - 1}/${bytes.length}`);
        }
        response.setHeader('content-length', body.length);
        response.end(request.method === 'HEAD' ? undefined : body);
      } else {
        response.statusCode = 404;
        json({ error: 'not found' });
      }
    });
    const listening = server;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const address = listening.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `http://127.0.0.1:${address.port}`;
  }

  const file = encodeSafetensors({ tensors: encoderTensors(), metadata: {} });
  const sha256 = createHash('sha256').update(file).digest('hex');

  test('downloads once, then works from its cache', async () => {
    const cacheDir = await temporaryFolder();
    const hubUrl = await hub(file, sha256);
    const first = await hubWeights('timm/mobilenetv2_100.ra_in1k', { hubUrl, cacheDir });
    expect((await stat(first)).size).toBe(file.length);
    server?.close();
    server?.closeAllConnections();
    // Without a connection: the copy in the cache.
    expect(await hubWeights('timm/mobilenetv2_100.ra_in1k', { hubUrl, cacheDir })).toBe(first);
  });

  test('a damaged download is refused and removed', async () => {
    const cacheDir = await temporaryFolder();
    const hubUrl = await hub(file, 'c'.repeat(64));
    await expect(hubWeights('timm/mobilenetv2_100.ra_in1k', { hubUrl, cacheDir })).rejects.toThrow(/the download is damaged/);
  });

  test('a wrong name, and no connection', async () => {
    const cacheDir = await temporaryFolder();
    await expect(hubWeights('mobilenet', { cacheDir })).rejects.toThrow(/expected hub:OWNER\/MODEL/);
    await expect(hubWeights('a/b', { hubUrl: 'http://127.0.0.1:9', cacheDir })).rejects.toThrow(
      /hub:a\/b: model\.safetensors cannot be fetched/,
    );
  });
});
