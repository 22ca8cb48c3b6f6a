// Worker processes on this machine. Each has a runtime and threads of its own; the cached taps lie in files that all
// of them read. A worker that dies, falls silent or meets an error of the machine is replaced and its candidate tried again; after
// some candidates a worker is replaced anyway, because ONNX Runtime does not give back all memory of closed sessions.

import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CandidateJob,
  type Evaluation,
  type Executor,
  ExecutorUnusable,
  type JobObserver,
  MachineError,
} from '../../../core/search/index.js';
import type { FromWorker, ToWorker, WorkerSetting } from './worker-protocol.js';

export interface LocalWorkersOptions {
  readonly workers: number;
  /** A worker that says nothing for so long hangs. */
  readonly silenceSeconds?: number;
  /** Candidates that a worker evaluates before it is replaced. */
  readonly candidatesPerWorker?: number;
  /** Before a candidate is tried again after a fault that it has no part in, in milliseconds; doubled each time. */
  readonly retryDelay?: number;
  /** For tests: another program in the worker's place. */
  readonly program?: URL;
}

/** With a worker that dies or falls silent over the candidate. */
const attempts = 2;
/** Where it has no part in it: a full disk, a file that is not there, a worker that does not begin. */
const patience = 4;

// The compiled worker, also when this file itself is run from its source (in tests).
const compiled = new URL(
  new URL('./worker-process.js', import.meta.url).href.replace('/src/platform/node/workers/', '/dist/platform/node/workers/'),
);

export class LocalWorkers implements Executor {
  readonly slots: number;
  readonly #setting: WorkerSetting;
  readonly #options: Required<Omit<LocalWorkersOptions, 'workers'>>;
  readonly #idle: WorkerProcess[] = [];
  readonly #all = new Set<WorkerProcess>();
  #closed = false;

  constructor(
    setting: WorkerSetting,
    { workers, silenceSeconds = 600, candidatesPerWorker = 20, retryDelay = 1000, program = compiled }: LocalWorkersOptions,
  ) {
    this.slots = workers;
    this.#setting = setting;
    this.#options = { silenceSeconds, candidatesPerWorker, retryDelay, program };
  }

  async evaluate(job: CandidateJob, observer: JobObserver): Promise<Evaluation & { readonly worker: string }> {
    const tried = { suspect: 0, innocent: 0 };
    for (;;) {
      observer.signal?.throwIfAborted();
      const worker = this.#takeIdle() ?? this.#start();
      observer.onWorker?.(worker.name);
      try {
        const evaluation = await worker.evaluate(job, observer, this.#options.silenceSeconds);
        if (worker.finished < this.#options.candidatesPerWorker) this.#idle.push(worker);
        else this.#stop(worker);
        return { ...evaluation, worker: worker.name };
      } catch (error) {
        if (!(error instanceof MachineError)) {
          if (worker.alive) this.#idle.push(worker);
          throw error;
        }
        // Short of memory or files, it would be so again.
        this.#stop(worker);
        if (this.#closed) observer.signal?.throwIfAborted();
        const { message, suspect } = error;
        observer.onEvent?.(suspect ? 'worker lost' : 'machine', `${worker.name}: ${message}`);
        const times = suspect ? ++tried.suspect : ++tried.innocent;
        if (this.#closed || times === (suspect ? attempts : patience)) throw new MachineError(`${message}, ${times} times`, suspect);
        if (!suspect) await sleep(this.#options.retryDelay * 2 ** (times - 1), undefined, { signal: observer.signal });
      }
    }
  }

  /** One that has not ended in the meantime. */
  #takeIdle(): WorkerProcess | undefined {
    for (;;) {
      const worker = this.#idle.pop();
      if (!worker || worker.alive) return worker;
      this.#stop(worker);
    }
  }

  #start(): WorkerProcess {
    const worker = new WorkerProcess(this.#options.program, this.#setting);
    this.#all.add(worker);
    return worker;
  }

  #stop(worker: WorkerProcess): void {
    this.#all.delete(worker);
    worker.kill();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const exits = [...this.#all].map((worker) => worker.exited);
    for (const worker of this.#all) worker.kill();
    await Promise.all(exits);
  }
}

class WorkerProcess {
  readonly name: string;
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  finished = 0;
  alive = true;
  #onMessage: (message: FromWorker) => void = () => {};
  #onLoss: (reason: string) => void = () => {};
  #errors = '';

  constructor(program: URL, setting: WorkerSetting) {
    // Its own process group would outlive a kill of ours; its messages carry arrays, hence structured clones.
    this.#child = fork(program, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.name = `process ${this.#child.pid ?? '?'}`;
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-2000);
    });
    this.#child.on('message', (message: FromWorker) => this.#onMessage(message));
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.alive = false;
        const last = this.#errors.trim().split('\n').at(-1);
        this.#onLoss(
          signal === 'SIGKILL'
            ? 'the worker process was killed (SIGKILL), probably out of memory: fewer workers or a smaller batch'
            : `the worker process ended (${signal ?? `exit code ${code}`}${last ? `: ${last}` : ''})`,
        );
        resolve();
      });
    });
    this.#child.once('error', (error) => this.#onLoss(`the worker process cannot be started (${error.message})`));
    this.#send({ kind: 'begin', setting });
  }

  evaluate(job: CandidateJob, { onStep, onValidation, signal }: JobObserver, silenceSeconds: number): Promise<Evaluation> {
    return new Promise((resolve, reject) => {
      let silence: NodeJS.Timeout | undefined;
      let taken = false;
      const settle = (): void => {
        clearTimeout(silence);
        signal?.removeEventListener('abort', onAbort);
        this.#onMessage = () => {};
        this.#onLoss = () => {};
        this.finished++;
      };
      const lose = (reason: string): void => {
        settle();
        reject(new MachineError(reason, taken));
      };
      const heard = (): void => {
        clearTimeout(silence);
        silence = setTimeout(() => {
          lose(`the worker process said nothing for ${silenceSeconds} s`);
          this.kill();
        }, silenceSeconds * 1000);
      };
      const onAbort = (): void => {
        settle();
        // A training cannot be called back: the process goes.
        this.kill();
        reject(signal?.reason);
      };
      this.#onLoss = lose;
      this.#onMessage = (message) => {
        heard();
        if (message.kind === 'taken') taken = true;
        else if (message.kind === 'step') onStep?.(message.report);
        else if (message.kind === 'validation') onValidation?.();
        else if (message.kind === 'done') {
          settle();
          resolve(message.evaluation);
        } else {
          settle();
          const { kind, reason } = message;
          if (kind === 'machine') reject(new MachineError(reason, message.suspect));
          else reject(kind === 'failed' ? new Error(reason) : new ExecutorUnusable(reason));
        }
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      heard();
      if (this.alive) this.#send({ kind: 'job', job });
      else lose('the worker process had ended');
    });
  }

  #send(message: ToWorker): void {
    // A failed send shows as the process's end.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  kill(): void {
    this.alive = false;
    this.#child.kill('SIGKILL');
  }
}
