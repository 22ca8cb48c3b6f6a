// What the core asks of threads: a program that is started several times and answers jobs. Programs are named, not passed: a worker
// thread has a file of its own, and the platform knows which.

/** Programs of the core that run on threads. */
export type ProgramName = 'samples' | 'scan';

/** What a program does with a job, in whatever thread; its jobs and replies are plain data. */
export interface Program<Start, Job, Reply> {
  start(start: Start): (job: Job) => Promise<Reply>;
}

export interface Pool<Job, Reply> extends AsyncDisposable {
  readonly threads: number;
  /**
   * @param thread the one that is to do it; without it, the next in turn
   * @throws what the program threw, DataError and UserError as what they are; Error when the thread ended. The next job starts another
   */
  run(job: Job, thread?: number): Promise<Reply>;
}

export interface Threads {
  /** @param start what every thread is started with */
  pool<Start, Job, Reply>(program: ProgramName, threads: number, start: Start): Pool<Job, Reply>;
}
