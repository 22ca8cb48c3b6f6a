// `device --of RUN`: the best few networks of a search, and decoders that people designed, timed on the device itself: on a page that waits
// for the search to end, on a page of any host whose file comes back, or here.

import type { LatencyMeasurement } from '../core/device/index.js';
import { UserError } from '../core/errors/index.js';
import { inspectRun, RunFolder } from '../core/search/index.js';
import type { HandDesigned } from '../core/space/index.js';
import { keepMeasurement, latencyOrder, latencySetting, measureTrials, readLatencyMeasurement } from '../library/device-latency.js';
import { ownVersion } from '../core/platform/index.js';
import { devicePageFiles, type LatencyManifest, nothingToProbe, serveLatency, writeDevicePage } from '../server/index.js';
import { announcement } from './announce.js';
import { interrupted } from './dashboard.js';
import { refuseTaken } from './output-file.js';
import { onInterrupt, ProgressLine } from './progress.js';
import { table } from './table.js';

export interface TimeRunOptions {
  readonly host: string;
  readonly port?: number | undefined;
  readonly allowHost?: readonly string[] | undefined;
  readonly here: boolean;
  readonly static?: string | undefined;
  /** A page's file that came back. */
  readonly from?: string | undefined;
  readonly best?: number | undefined;
  readonly with?: readonly HandDesigned[] | undefined;
  readonly threads?: number | undefined;
  readonly seconds?: number | undefined;
  readonly overwrite: boolean;
}

/** Of a few networks. */
const usualSeconds = 20;

export async function timeRun(run: string, options: TimeRunOptions): Promise<void> {
  const { here, static: folder, from, best, with: include, overwrite } = options;
  const order = { best, include };
  if (from !== undefined) {
    const measurement = await readLatencyMeasurement(from);
    await keepMeasurement(run, measurement, from);
    return tell(run, measurement);
  }
  if (folder !== undefined) {
    await refuseTaken(await devicePageFiles(folder), { option: '--static', overwrite, inputs: [run] });
    await writeDevicePage({ ...manifestOf(options), space: nothingToProbe, ...(await latencyOrder(run, order)) }, folder);
    console.log(
      `${folder}: put it on a host with https, and open it on the device; it gives phone.latency.json, for auxcell device --of ${run} --from phone.latency.json`,
    );
    return;
  }
  return here ? timeHere(run, options) : servePage(run, options);
}

function manifestOf({ seconds = usualSeconds }: TimeRunOptions): Pick<LatencyManifest, 'auxcell' | 'seconds'> {
  return { auxcell: ownVersion, seconds };
}

async function timeHere(run: string, { best, with: include, threads = 1, seconds = usualSeconds }: TimeRunOptions): Promise<void> {
  const progress = new ProgressLine();
  const interrupt = onInterrupt(progress);
  try {
    const measurement = await measureTrials(run, {
      ...{ best, include, threads, seconds, signal: interrupt.signal },
      onProgress: (settled, networks) => progress.show(`timing: ${settled} of ${networks} networks are settled`),
    }).catch((error: unknown) => {
      throw interrupt.signal.aborted ? new UserError('interrupted while timing; nothing was written') : error;
    });
    progress.end();
    tell(run, measurement);
  } finally {
    interrupt.release();
    progress.end();
  }
}

/** Until times have come, or Ctrl-C. */
async function servePage(run: string, options: TimeRunOptions): Promise<void> {
  const { host, port = 8423, allowHost, best, with: include } = options;
  // Shows what is wrong before anybody waits.
  const setting = await latencySetting(run);
  const manifestNow = async (): Promise<LatencyManifest> => {
    const isAtWork = (await inspectRun(run))?.state === 'running';
    if (isAtWork) return { ...manifestOf(options), setting, tasks: 'awaited' };
    return { ...manifestOf(options), ...(await latencyOrder(run, { best, include })) };
  };
  let arrived: (measurement: LatencyMeasurement) => void = () => {};
  const measured = new Promise<LatencyMeasurement>((resolve) => {
    arrived = resolve;
  });
  const take = async (measurement: LatencyMeasurement): Promise<void> => {
    await keepMeasurement(run, measurement, 'what the page sent');
    arrived(measurement);
  };
  const { url, close } = await serveLatency(manifestNow, take, { host, port, allowHosts: allowHost });
  console.log(announcement(url, 'open it on the device and leave it open (Ctrl-C ends it)'));
  const came = await Promise.race([measured, interrupted()]);
  // The page still waits for the answer.
  if (came) await new Promise((resolve) => setTimeout(resolve, 200));
  await close();
  if (came) tell(run, came);
}

/** Predicted beside measured. */
function tell(run: string, { device, runtime, size, networks }: LatencyMeasurement): void {
  const ms = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(1)} ms`);
  console.log(
    [
      `${device.name}: ${runtime.name} ${runtime.version}, ${runtime.backend}, ${runtime.threads} thread(s), ${size.width}x${size.height}`,
      table([
        ['', 'measured', 'predicted', 'off by', 'quartiles'],
        ...networks.map(({ architecture, trial, predicted, measured: { median, low, high } }) => [
          trial === undefined ? architecture : `#${trial}`,
          ms(median),
          ms(predicted),
          predicted === undefined ? '–' : `${(100 * (predicted / median - 1)).toFixed(0)} %`,
          `${low.toFixed(1)} to ${ms(high)}`,
        ]),
      ]),
      RunFolder.open(run).path('measured.json'),
    ].join('\n'),
  );
}
