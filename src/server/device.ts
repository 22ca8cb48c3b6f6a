// The page that measures the device it is opened on. The server says what to measure and takes the profile; as a folder the
// page only hands it to its user.

import { cp, readdir } from 'node:fs/promises';
import path from 'node:path';
import {
  type DeviceProfile,
  deviceProfileSchema,
  type LatencyMeasurement,
  latencyMeasurementSchema,
  type LatencyTask,
  type PieceSetting,
  type SpaceDims,
} from '../core/device/index.js';
import { reasonOf, UserError } from '../core/errors/index.js';
import { makeFolder, replaceFile } from '../platform/node/files/index.js';
import { pagesFolder, servePages } from './pages.js';
import { type OpenServer, openServer, type ServerOptions } from './server.js';

/** What the page is told; see `web/src/device.tsx`. */
export interface DeviceManifest {
  /** The program's version. */
  readonly auxcell: string;
  readonly setting: PieceSetting;
  readonly space: SpaceDims;
  /** How long it may take, about. */
  readonly seconds: number;
  /** Random architectures among the probes; absent: as usual. */
  readonly extra?: number;
  /** Networks that are to be timed instead; `awaited`: the search that finds them is not at its end, and the page asks again. */
  readonly tasks?: readonly LatencyTask[] | 'awaited';
  /** Whether there is a server that takes the profile. */
  readonly takes: boolean;
}

/** Listening when it returns. @param onProfile is given every profile that comes, checked */
export function serveDevice(
  manifest: Omit<DeviceManifest, 'takes'>,
  onProfile: (profile: DeviceProfile) => Promise<void>,
  options: ServerOptions,
): Promise<OpenServer> {
  return openServer(options, async (server) => {
    server.get('/manifest.json', () => ({ ...manifest, takes: true }) satisfies DeviceManifest);
    server.post('/profile', async (request, reply) => {
      const profile = deviceProfileSchema.safeParse(request.body);
      if (!profile.success) return reply.code(400).send({ error: 'this is no device profile; open the page again and measure once more' });
      await onProfile(profile.data);
      return { taken: true };
    });
    await servePages(server, 'device.html');
  });
}

/** What the page is told when it is about a search's networks. */
export type LatencyManifest = Omit<DeviceManifest, 'takes' | 'space'>;

/**
 * The page that times a search's best few, listening when it returns.
 * @param manifestNow asked whenever the page asks: it waits while the tasks are awaited
 * @param onMeasured is given every measurement that comes, checked
 */
export function serveLatency(
  manifestNow: () => Promise<LatencyManifest>,
  onMeasured: (measurement: LatencyMeasurement) => Promise<void>,
  options: ServerOptions,
): Promise<OpenServer> {
  return openServer(options, async (server) => {
    server.get('/manifest.json', async () => ({ ...(await manifestNow()), space: nothingToProbe, takes: true }) satisfies DeviceManifest);
    server.post('/latency', async (request, reply) => {
      const measurement = latencyMeasurementSchema.safeParse(request.body);
      if (!measurement.success)
        return reply.code(400).send({ error: 'this is no measurement of networks; open the page again and measure once more' });
      await onMeasured(measurement.data);
      return { taken: true };
    });
    await servePages(server, 'device.html');
  });
}

/** Networks are timed as they are, no pieces. */
export const nothingToProbe: SpaceDims = { blocks: 0, rounds: 0 };

/** The files that `writeDevicePage` writes. */
export async function devicePageFiles(folder: string): Promise<string[]> {
  const built: string[] = [];
  for (const part of ['assets', 'ort']) for (const name of await readdir(path.join(pagesFolder, part))) built.push(path.join(part, name));
  return ['index.html', 'manifest.json', '_headers', ...built].map((name) => path.join(folder, name));
}

/** The same as files. Hosts that honour `_headers` isolate the page, which gives it a finer clock. */
export async function writeDevicePage(manifest: Omit<DeviceManifest, 'takes'>, folder: string): Promise<void> {
  const into = (name: string): string => path.join(folder, name);
  try {
    await makeFolder(folder);
    await cp(path.join(pagesFolder, 'assets'), into('assets'), { recursive: true });
    await cp(path.join(pagesFolder, 'ort'), into('ort'), { recursive: true });
    await cp(path.join(pagesFolder, 'device.html'), into('index.html'));
    await replaceFile(into('manifest.json'), JSON.stringify({ ...manifest, takes: false } satisfies DeviceManifest));
    await replaceFile(into('_headers'), '/*\n  Cross-Origin-Opener-Policy: same-origin\n  Cross-Origin-Embedder-Policy: require-corp\n');
  } catch (error) {
    throw new UserError(`--static ${folder}: cannot be written (${reasonOf(error)}); give another folder`);
  }
}
