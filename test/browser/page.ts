// The page of `core-in-browser.test.ts`: it fetches pictures and the encoder, and searches.

import { z } from 'zod';
import { choosePlatform } from '../../src/core/platform/index.js';
import { chooseTrialStores } from '../../src/core/search/index.js';
import { memoryTrialStores } from '../../src/platform/memory/trial-store.js';
import { webPlatform } from '../../src/platform/web/platform.js';
import { webRuntime } from '../../src/platform/web/runtime.js';
import { searchAnywhere } from './search-anywhere.js';

const bytes = async (url: string): Promise<Uint8Array> => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
};

async function run(): Promise<unknown> {
  const names = z.array(z.string()).parse(await (await fetch('data.json')).json());
  const fetched = await Promise.all(names.map(async (name) => [`/data/${name}`, await bytes(`data/${name}`)] as const));
  choosePlatform(
    webPlatform({
      files: Object.fromEntries(fetched),
      assets: {
        movenet: async () => ({
          name: 'movenet',
          manifest: new TextDecoder().decode(await bytes('movenet-lightning.json')),
          weights: await bytes('movenet-lightning.bin'),
        }),
      },
    }),
  );
  chooseTrialStores(memoryTrialStores());
  const runtime = webRuntime({ assets: new URL('ort/', location.href).href, backend: 'wasm', threads: 1 });
  return searchAnywhere(runtime, '/data', '/run');
}

const show = (answer: unknown): void => {
  document.body.textContent = JSON.stringify(answer);
  document.body.dataset['ready'] = 'true';
};
run().then(show, (error: unknown) => show({ error: String(error instanceof Error ? error.stack : error) }));
