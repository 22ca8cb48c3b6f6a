// Processes that hold the model, and the questions that wait for one. A question has its time: one that waits too long is given up, one
// that is answered too slowly ends its process, and another is started in its place.

import { type ChildProcess, fork } from 'node:child_process';
import { UserError } from '../../core/errors/index.js';
import type { ModelCard } from '../../core/model/index.js';
import type { Answer, FromModel, ModelSetting, Question, ToModel } from './question.js';

// The compiled one, also when this file itself is run from its source (in tests).
const processFile = new URL(new URL('./model-process.js', import.meta.url).href.replace('/src/server/serve/', '/dist/server/serve/'));

/** Milliseconds until a process that could not open the model is tried again. */
const againAfter = 2000;

interface Waiting {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  timer: NodeJS.Timeout | undefined;
}

interface Member {
  child: ChildProcess;
  isReady: boolean;
  current: Waiting | undefined;
}

const refused = (status: number, message: string): Answer => ({ kind: 'refused', status, message });

export class ModelPool {
  readonly card: ModelCard;
  readonly #setting: ModelSetting;
  readonly #timeout: number;
  readonly #members: Member[] = [];
  readonly #queue: Waiting[] = [];
  #closed = false;

  private constructor(setting: ModelSetting, timeout: number, card: ModelCard) {
    this.#setting = setting;
    this.#timeout = timeout;
    this.card = card;
  }

  /** @param timeout milliseconds from a question to its answer @throws UserError when the model cannot be opened */
  static async open(setting: ModelSetting, processes: number, timeout: number): Promise<ModelPool> {
    const children = Array.from({ length: processes }, () => begin(setting));
    try {
      const [card] = await Promise.all(children.map(readiness));
      if (!card) throw new RangeError(`${processes} processes`);
      const pool = new ModelPool(setting, timeout, card);
      for (const child of children) pool.#admit(child).isReady = true;
      return pool;
    } catch (error) {
      for (const child of children) child.kill('SIGKILL');
      throw error;
    }
  }

  /** Whether there is a process that can answer. */
  get isReady(): boolean {
    return this.#members.some(({ isReady }) => isReady);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** @param signal of one who does not wait any more: what has not begun is left out */
  ask(question: Question, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve) => {
      const entry: Waiting = { question, resolve, timer: undefined };
      const leave = (answer: Answer): void => {
        const at = this.#queue.indexOf(entry);
        if (at < 0) return;
        this.#queue.splice(at, 1);
        this.#settle(entry, answer);
      };
      entry.timer = setTimeout(() => {
        const member = this.#members.find(({ current }) => current === entry);
        if (!member) return leave(refused(503, `there was no turn within ${this.#timeout / 1000} s; try again later`));
        member.current = undefined;
        member.isReady = false;
        member.child.kill('SIGKILL');
        this.#settle(entry, refused(504, `no answer within ${this.#timeout / 1000} s; send a smaller picture`));
      }, this.#timeout);
      signal.addEventListener('abort', () => leave(refused(499, 'nobody waits for it')), { once: true });
      this.#queue.push(entry);
      this.#next();
    });
  }

  /** What is asked and not answered is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const entry of this.#queue.splice(0)) this.#settle(entry, refused(503, 'the server is closing'));
    await Promise.all(
      this.#members.map(({ child }) => {
        const ended =
          child.exitCode === null && child.signalCode === null ? new Promise((resolve) => child.once('exit', resolve)) : undefined;
        child.kill('SIGKILL');
        return ended;
      }),
    );
  }

  #settle({ timer, resolve }: Waiting, answer: Answer): void {
    clearTimeout(timer);
    resolve(answer);
  }

  #next(): void {
    for (const member of this.#members) {
      if (!member.isReady || member.current) continue;
      const entry = this.#queue.shift();
      if (!entry) return;
      member.current = entry;
      tell(member.child, { kind: 'question', question: entry.question });
    }
  }

  #admit(child: ChildProcess, member: Member = { child, isReady: false, current: undefined }): Member {
    member.child = child;
    if (!this.#members.includes(member)) this.#members.push(member);
    child.on('message', (message: FromModel) => {
      if (message.kind === 'ready') member.isReady = true;
      else if (message.kind === 'unusable') child.kill('SIGKILL');
      else if (member.current) {
        const { current } = member;
        member.current = undefined;
        this.#settle(current, message);
      }
      this.#next();
    });
    // A pipe that breaks is told of by the exit behind it.
    child.on('error', () => {});
    child.once('exit', (code, signal) => {
      const wasReady = member.isReady || member.current !== undefined;
      member.isReady = false;
      if (member.current) {
        const { current } = member;
        member.current = undefined;
        this.#settle(
          current,
          refused(500, `the process that runs the model ended (${signal ?? `exit code ${code}`}); the next picture gets another one`),
        );
      }
      if (this.#closed) return;
      setTimeout(() => !this.#closed && this.#admit(begin(this.#setting), member), wasReady ? 0 : againAfter).unref();
    });
    return member;
  }
}

function begin(setting: ModelSetting): ChildProcess {
  const child = fork(processFile, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
  tell(child, { kind: 'begin', setting });
  return child;
}

function tell(child: ChildProcess, message: ToModel): void {
  // One that has ended hears nothing; its exit says so.
  child.send(message, () => {});
}

function readiness(child: ChildProcess): Promise<ModelCard> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`the process that runs the model ended (${signal ?? `exit code ${code}`})`)));
    child.once('message', (message: FromModel) => {
      if (message.kind === 'ready') resolve(message.card);
      else reject(new UserError(message.kind === 'unusable' ? message.reason : 'the model said something before it was asked'));
    });
  });
}
