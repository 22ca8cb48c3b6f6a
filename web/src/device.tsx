// The page that measures the device it is opened on: how long every piece of the search space takes here, as a file that searches
// predict latency from.

import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { type DeviceProfile, measureDevice } from '../../src/core/device/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { type Backend, webRuntime, webRuntimeVersion } from '../../src/platform/web/runtime.js';
import type { DeviceManifest } from '../../src/server/device.js';
import { graphicsAdapter } from './graphics-adapter';
import './style.css';

const names: Readonly<Record<Backend, string>> = { wasm: 'WebAssembly, 1 thread', webgpu: 'WebGPU' };

function DevicePage() {
  const [manifest, setManifest] = useState<DeviceManifest>();
  const [adapter, setAdapter] = useState<string>();
  const [doing, setDoing] = useState('');
  const [trouble, setTrouble] = useState('');
  const [profile, setProfile] = useState<DeviceProfile>();

  useEffect(() => {
    const load = async (): Promise<void> => {
      setAdapter(await graphicsAdapter());
      setManifest(await (await fetch('manifest.json')).json());
    };
    load().catch((error: unknown) => setTrouble(`what is to be measured could not be loaded: ${reason(error)}`));
  }, []);

  const measure = async (backend: Backend): Promise<void> => {
    if (!manifest) return;
    setTrouble('');
    setProfile(undefined);
    setDoing('opening ONNX Runtime');
    try {
      const found = await profileHere(manifest, backend, adapter, setDoing);
      setProfile(found);
      if (manifest.takes) await send(found);
    } catch (error) {
      setTrouble(reason(error));
    }
    setDoing('');
  };

  const text = profile && `${JSON.stringify(profile, undefined, 1)}\n`;
  return (
    <main>
      <h1>Measure this device</h1>
      <p>
        Networks of the search space run here for about {manifest?.seconds ?? 60} seconds. Leave the page in front, the device plugged in
        and at rest. Nothing but the times below leaves it.
      </p>
      <p>
        {(['wasm', 'webgpu'] as const).map((backend) =>
          backend === 'webgpu' && adapter === undefined ? null : (
            <button
              key={backend}
              type="button"
              data-backend={backend}
              disabled={!manifest || doing !== ''}
              onClick={() => void measure(backend)}
            >
              {names[backend]}
            </button>
          ),
        )}
      </p>
      <p role="status">{doing}</p>
      {trouble !== '' && <p role="alert">{trouble}</p>}
      {profile && text !== undefined && (
        <section>
          <h2>
            {Object.keys(profile.pieces).length} pieces at {profile.size.width}×{profile.size.height}
          </h2>
          <p>
            Runs of one network differ by {percent(profile.spread)}; the sum of pieces is off the {profile.fit.networks} networks measured
            by {percent(profile.fit.median)}. {manifest?.takes === true && trouble === '' && 'The command that served this page has it.'}
          </p>
          <p>
            <a download="phone.device.json" href={`data:application/json,${encodeURIComponent(text)}`}>
              Download phone.device.json
            </a>{' '}
            <button type="button" onClick={() => void navigator.clipboard.writeText(text)}>
              Copy
            </button>
          </p>
          <textarea className="profile" aria-label="The profile" data-profile readOnly rows={12} value={text} />
        </section>
      )}
    </main>
  );
}

async function profileHere(
  { auxcell, setting, space, seconds, extra }: DeviceManifest,
  backend: Backend,
  adapter: string | undefined,
  tell: (text: string) => void,
): Promise<DeviceProfile> {
  const runtime = webRuntime({ assets: new URL('ort/', location.href).href, backend, threads: 1 });
  const measured = await measureDevice(runtime, {
    setting,
    space,
    seconds,
    extra,
    random: seededRandom(0).fork('device'),
    onProgress: (settled, networks) => tell(`measuring: ${settled} of ${networks} networks are settled`),
  });
  return {
    kind: 'auxcell device',
    version: 1,
    auxcell,
    made: new Date().toISOString(),
    device: {
      name: navigator.platform || 'a browser',
      system: navigator.userAgent,
      cores: navigator.hardwareConcurrency,
      browser: navigator.userAgent,
      ...(adapter !== undefined && { adapter }),
    },
    runtime: { name: 'onnxruntime-web', version: webRuntimeVersion(), backend, threads: 1, precision: 'float32' },
    clock: 'wall',
    ...measured,
  };
}

async function send(profile: DeviceProfile): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch('profile', { method: 'POST', headers, body: JSON.stringify(profile) });
  if (!response.ok) throw new Error(`the command that served this page did not take the profile (${response.status}); download it instead`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const root = document.getElementById('root');
if (root) createRoot(root).render(<DevicePage />);
