// The time that a fit has taken, over all its sessions, and what is left of what was given.

export class FitClock {
  readonly #before: number;
  readonly #started = performance.now();
  readonly #given: number;

  /** @param before seconds of earlier sessions @param given seconds in all */
  constructor(before: number, given: number) {
    this.#before = before;
    this.#given = given;
  }

  /** Seconds. */
  get spent(): number {
    return this.#before + (performance.now() - this.#started) / 1000;
  }

  get left(): number {
    return this.#given - this.spent;
  }
}
