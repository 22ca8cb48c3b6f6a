// Whether an architecture or the machine is to blame when a candidate has lost its workers. An architecture that wants more memory than there
// is must not end the search; a machine that is short of it must not score architectures 0.
//
// A candidate that has lost its workers comes again later. If another one could be evaluated in between and it loses them again, it
// is to blame. If several different ones lose them and nothing can be evaluated in between, the machine is.

/** Different candidates that lose their workers, with nothing evaluated in between: the machine's fault. */
const tooMany = 3;

export type Verdict = 'later' | 'architecture' | 'machine';

export class Suspicion {
  #evaluated = 0;
  /** Candidate → how many had been evaluated when it last lost its workers. */
  readonly #lost = new Map<number, number>();

  /** A candidate could be evaluated. */
  evaluated(): void {
    this.#evaluated++;
  }

  /**
   * A candidate has lost its workers.
   * @param condemned it lost them in an earlier session too, and others of the run could be evaluated
   */
  judge(index: number, condemned = false): Verdict {
    const before = this.#lost.get(index);
    if (condemned || (before !== undefined && this.#evaluated > before)) return 'architecture';
    this.#lost.set(index, this.#evaluated);
    const unrelieved = [...this.#lost.values()].filter((evaluated) => evaluated === this.#evaluated).length;
    return before !== undefined || unrelieved >= tooMany ? 'machine' : 'later';
  }

  /** Whether another one could be evaluated since: then it is worth trying again. */
  mayComeAgain(index: number): boolean {
    return this.#evaluated > (this.#lost.get(index) ?? -1);
  }
}
