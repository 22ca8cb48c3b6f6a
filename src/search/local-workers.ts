// Worker processes on this machine. Each has a runtime and threads of its own; the cached taps lie in files that all
// of them read. A worker that dies or falls silent is replaced and its candidate tried once more; after some
// candidates a worker is replaced anyway, because ONNX Runtime does not give back all memory of closed sessions.

import { type ChildProcess, fork } from 'node:child_process';
import type { Evaluation } from './evaluate.js';
import { type CandidateJob, type Executor, ExecutorUnusable, type JobObserver } from './executor.js';
import type { FromWorker, ToWorker, WorkerSetting } from './worker-protocol.js';

export interface LocalWorkersOptions {
  readonly workers: number;
  /** A worker that says nothing for so long hangs. */
  readonly silenceSeconds?: number;
  /** Candidates that a worker evaluates before it is replaced. */
  readonly candidatesPerWorker?: number;
  /** For tests: another program in the worker's place. */
  readonly program?: URL;
}

const attempts = 2;

/** The worker died or fell silent: not the architecture's fault as far as one knows. */
class WorkerLost extends Error {
  override readonly name = 'WorkerLost';
}

// The compiled worker, also when this file itself is run from its source (in tests).
const compiled = new URL(new URL('./worker-process.js', import.meta.url).href.replace('/src/search/', '/dist/search/'));

export class LocalWorkers implements Executor {
  readonly slots: number;
  readonly #setting: WorkerSetting;
  readonly #options: Required<Omit<LocalWorkersOptions, 'workers'>>;
  readonly #idle: WorkerProcess[] = [];
  readonly #all = new Set<WorkerProcess>();
  #closed = false;

  constructor(
    setting: WorkerSetting,
    { workers, silenceSeconds = 600, candidatesPerWorker = 20, program = compiled }: LocalWorkersOptions,
  ) {
    this.slots = workers;
    this.#setting = setting;
    this.#options = { silenceSeconds, candidatesPerWorker, program };
  }

  async evaluate(job: CandidateJob, observer: JobObserver): Promise<Evaluation & { readonly worker: string }> {
    for (let attempt = 1; ; attempt++) {
      observer.signal?.throwIfAborted();
      const worker = this.#idle.pop() ?? this.#start();
      observer.onWorker?.(worker.name);
      try {
        const evaluation = await worker.evaluate(job, observer, this.#options.silenceSeconds);
        if (worker.finished < this.#options.candidatesPerWorker) this.#idle.push(worker);
        else this.#stop(worker);
        return { ...evaluation, worker: worker.name };
      } catch (error) {
        if (!(error instanceof WorkerLost)) {
          if (worker.alive) this.#idle.push(worker);
          throw error;
        }
        this.#stop(worker);
        if (this.#closed) observer.signal?.throwIfAborted();
        observer.onEvent?.('worker lost', `${worker.name}: ${error.message}`);
        if (attempt === attempts || this.#closed) throw new Error(`${error.message}, ${attempt} times`);
      }
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
        this.#onLoss(`the worker process ended (${signal ?? `exit code ${code}`}${last ? `: ${last}` : ''})`);
        resolve();
      });
    });
    this.#child.once('error', (error) => this.#onLoss(`the worker process cannot be started (${error.message})`));
    this.#send({ kind: 'begin', setting });
  }

  evaluate(job: CandidateJob, { onStep, onValidation, signal }: JobObserver, silenceSeconds: number): Promise<Evaluation> {
    return new Promise((resolve, reject) => {
      let silence: NodeJS.Timeout | undefined;
      const settle = (): void => {
        clearTimeout(silence);
        signal?.removeEventListener('abort', onAbort);
        this.#onMessage = () => {};
        this.#onLoss = () => {};
        this.finished++;
      };
      const lose = (reason: string): void => {
        settle();
        reject(new WorkerLost(reason));
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
        if (message.kind === 'step') onStep?.(message.report);
        else if (message.kind === 'validation') onValidation?.();
        else if (message.kind === 'done') {
          settle();
          resolve(message.evaluation);
        } else {
          settle();
          reject(message.kind === 'failed' ? new Error(message.reason) : new ExecutorUnusable(message.reason));
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
