// Work beside the engine's: decoding and counting, which a thread of its own does where there are threads.

/** A kind of work, as a thread does it. */
export interface ThreadWork<Options, Job, Reply> {
  /** Of the module that does it in a thread of Node.js: `src/platform/node/threads/NAME.ts`. */
  readonly name: string;
  /** What answers each job; it never rejects. */
  readonly begin: (options: Options) => (job: Job) => Promise<Reply>;
}

export interface ThreadEvents<Reply> {
  readonly onReply: (reply: Reply) => void;
  /** It ended, unless it was asked to; what it was asked and has not answered stays so. */
  readonly onEnd: (reason: Error) => void;
}

export interface Thread<Job> {
  ask(job: Job): void;
  end(): Promise<void>;
}

/** A thread of Node.js has the platform of Node.js, whatever the program itself has chosen. */
export interface Threads {
  /** Options, jobs and replies are copied on the way, as `structuredClone` does. */
  start<Options, Job, Reply>(work: ThreadWork<Options, Job, Reply>, options: Options, events: ThreadEvents<Reply>): Thread<Job>;
}
