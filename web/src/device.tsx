// The page that measures the device it is opened on: how long every piece of the search space takes here, as a file that searches
// predict latency from; or how long the best few networks of a search take, for which it waits until the search is at its end.

import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { type DeviceProfile, type LatencyMeasurement, measureDevice, timeTasks } from '../../src/core/device/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { type Backend, webRuntime, webRuntimeVersion } from '../../src/platform/web/runtime.js';
import type { DeviceManifest } from '../../src/server/device.js';
import { CopyButton } from './copy-button';
import { graphicsAdapter } from './graphics-adapter';
import './style.css';
import { TimingCells, TimingHeads } from './timing-cells';

const names: Readonly<Record<Backend, string>> = { wasm: 'WebAssembly, 1 thread', webgpu: 'WebGPU' };

function DevicePage() {
  const [manifest, setManifest] = useState<DeviceManifest>();
  const [adapter, setAdapter] = useState<string>();
  const [doing, setDoing] = useState('');
  const [trouble, setTrouble] = useState('');
  const [found, setFound] = useState<Found>();

  useEffect(() => {
    const load = async (): Promise<void> => {
      setAdapter(await graphicsAdapter());
      setManifest(await manifestNow());
    };
    load().catch((error: unknown) => setTrouble(`what is to be measured could not be loaded: ${reason(error)}`));
  }, []);

  const measure = async (backend: Backend): Promise<void> => {
    if (!manifest) return;
    setTrouble('');
    setFound(undefined);
    setDoing('opening ONNX Runtime');
    try {
      const result = await (manifest.tasks ? latencyHere : profileHere)(manifest, backend, adapter, setDoing);
      setFound(result);
      if (manifest.takes) await send(result);
    } catch (error) {
      setTrouble(reason(error));
    }
    setDoing('');
  };

  const forNetworks = manifest?.tasks !== undefined;
  return (
    <main>
      <h1>{forNetworks ? 'Time the networks that were found' : 'Measure this device'}</h1>
      <p>
        {forNetworks
          ? 'The best networks of a search run here one after the other; while the search goes on the page waits for them.'
          : `Networks of the search space run here for about ${manifest?.seconds ?? 60} seconds.`}{' '}
        Leave the page in front, the device plugged in and at rest. Nothing but the times below leaves it.
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
      {found && <Result found={found} isTaken={manifest?.takes === true && trouble === ''} />}
    </main>
  );
}

type Found = DeviceProfile | LatencyMeasurement;

/** What was found, and how it gets to where it is wanted. */
function Result({ found, isTaken }: { readonly found: Found; readonly isTaken: boolean }) {
  const text = `${JSON.stringify(found, undefined, 1)}\n`;
  const file = found.kind === 'auxcell device' ? 'phone.device.json' : 'phone.latency.json';
  return (
    <section>
      {found.kind === 'auxcell device' ? <Pieces profile={found} /> : <Networks measurement={found} />}
      {isTaken && <p>The command that served this page has it.</p>}
      <p>
        <a download={file} href={`data:application/json,${encodeURIComponent(text)}`}>
          Download {file}
        </a>{' '}
        <CopyButton text={text} what="it" />
      </p>
      <textarea className="profile" aria-label="What was found" data-profile readOnly rows={12} value={text} />
    </section>
  );
}

function Pieces({ profile: { pieces, size, spread, fit } }: { readonly profile: DeviceProfile }) {
  return (
    <>
      <h2>
        {Object.keys(pieces).length} pieces at {size.width}×{size.height}
      </h2>
      <p>
        Runs of one network differ by {percent(spread)}; the sum of pieces is off the {fit.networks} networks measured by{' '}
        {percent(fit.median)}.
      </p>
    </>
  );
}

function Networks({ measurement: { networks, size } }: { readonly measurement: LatencyMeasurement }) {
  return (
    <>
      <h2>
        {networks.length} networks at {size.width}×{size.height}
      </h2>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th>network</th>
              <TimingHeads />
            </tr>
          </thead>
          <tbody>
            {networks.map(({ architecture, trial, predicted, measured }) => (
              <tr key={`${trial} ${architecture}`} data-network={trial ?? architecture}>
                <td>{trial === undefined ? architecture : `#${trial}`}</td>
                <TimingCells measured={measured} predicted={predicted} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

async function manifestNow(): Promise<DeviceManifest> {
  const response = await fetch('manifest.json');
  if (!response.ok) throw new Error(`the command that served this page answers ${response.status}`);
  return response.json();
}

type Measuring = (manifest: DeviceManifest, backend: Backend, adapter: string | undefined, tell: (text: string) => void) => Promise<Found>;

const profileHere: Measuring = async ({ auxcell, setting, space, seconds, extra }, backend, adapter, tell) => {
  const measured = await measureDevice(runtimeOf(backend), {
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
    ...here(backend, adapter),
    clock: 'wall',
    ...measured,
  };
};

/** Milliseconds between two questions whether the search is at its end. */
const patience = 2000;

const latencyHere: Measuring = async (first, backend, adapter, tell) => {
  let manifest = first;
  while (manifest.tasks === 'awaited') {
    tell('waiting for the search to end; leave the page open');
    await new Promise((resolve) => setTimeout(resolve, patience));
    manifest = await manifestNow();
  }
  const { auxcell, setting, seconds, tasks = [] } = manifest;
  const networks = await timeTasks(runtimeOf(backend), tasks, {
    setting,
    seconds,
    random: seededRandom(0).fork('latency'),
    onProgress: (settled, all) => tell(`timing: ${settled} of ${all} networks are settled`),
  });
  const made = new Date().toISOString();
  return { kind: 'auxcell latency', version: 1, auxcell, made, ...here(backend, adapter), size: setting.size, networks };
};

function runtimeOf(backend: Backend): ReturnType<typeof webRuntime> {
  return webRuntime({ assets: new URL('ort/', location.href).href, backend, threads: 1 });
}

/** What this device says of itself. */
function here(backend: Backend, adapter: string | undefined): Pick<DeviceProfile, 'device' | 'runtime'> {
  return {
    device: {
      name: navigator.platform || 'a browser',
      system: navigator.userAgent,
      cores: navigator.hardwareConcurrency,
      browser: navigator.userAgent,
      ...(adapter !== undefined && { adapter }),
    },
    runtime: { name: 'onnxruntime-web', version: webRuntimeVersion(), backend, threads: 1, precision: 'float32' },
  };
}

async function send(found: Found): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const address = found.kind === 'auxcell device' ? 'profile' : 'latency';
  const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify(found) });
  if (!response.ok) throw new Error(`the command that served this page did not take it (${response.status}); download it instead`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const root = document.getElementById('root');
if (root) createRoot(root).render(<DevicePage />);
