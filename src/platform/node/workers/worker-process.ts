// A worker process of `LocalWorkers`: one candidate at a time, with a runtime of its own.

// The first: what follows asks where it runs.
import '../use-node.js';
import { reasonOf } from '../../../core/errors/index.js';
import { encoderWeightsFrom, readSafetensors } from '../../../core/model/index.js';
import { openPresetData } from '../../../core/preset/index.js';
import { seededRandom } from '../../../core/random/index.js';
import { nodeRuntime } from '../runtime.js';
import { type EvaluationContext, InProcess, MachineError, openContext } from '../../../core/search/index.js';
import type { FromWorker, ToWorker, WorkerSetting } from './worker-protocol.js';

/** Steps are reported so often at most, in milliseconds. */
const reportEvery = 200;

function send(message: FromWorker): void {
  process.send?.(message);
}

async function contextOf({ preset, data, seed, encoder, taps, threads, device }: WorkerSetting): Promise<EvaluationContext> {
  const setting = {
    preset,
    dataset: await openPresetData(data, preset),
    encoder: encoderWeightsFrom(await readSafetensors(encoder), encoder),
    random: seededRandom(seed),
  };
  return openContext(await nodeRuntime({ threads, device }), setting, taps);
}

let executor: InProcess | undefined;
let unusable = 'the worker was given a candidate before its setting';

async function handle(message: ToWorker): Promise<void> {
  if (message.kind === 'begin') {
    try {
      executor = new InProcess(await contextOf(message.setting), message.setting.seed);
    } catch (error) {
      unusable = reasonOf(error);
    }
    return;
  }
  if (!executor) return send({ kind: 'unusable', reason: unusable });
  send({ kind: 'taken' });
  try {
    let reported = 0;
    const evaluation = await executor.evaluate(message.job, {
      onStep: (report) => {
        const last = report.step === report.steps;
        if (!last && performance.now() - reported < reportEvery) return;
        reported = performance.now();
        send({ kind: 'step', report });
      },
      onValidation: () => send({ kind: 'validation' }),
    });
    send({ kind: 'done', evaluation });
  } catch (error) {
    if (error instanceof MachineError) send({ kind: 'machine', reason: error.message, suspect: error.suspect });
    else send({ kind: 'failed', reason: reasonOf(error) });
  }
}

// One after the other: the setting is there before the first candidate.
let last = Promise.resolve();
process.on('message', (message: ToWorker) => {
  last = last.then(() => handle(message));
});
// The search is gone: nobody waits for this candidate.
process.on('disconnect', () => process.exit(0));
// Ctrl-C, a closed terminal and a service manager reach the whole group; the search decides what becomes of its workers.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {});
