// How many requests are in hand at once, whose bodies are in memory: the others are asked to come again.

/** A request's; `leave` may be called more than once. */
export interface Place {
  leave(): void;
}

export class Places {
  readonly most: number;
  #taken = 0;

  constructor(most: number) {
    this.most = most;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Undefined where all are taken. */
  enter(): Place | undefined {
    if (this.#taken >= this.most) return undefined;
    this.#taken++;
    let isIn = true;
    return {
      leave: () => {
        if (isIn) this.#taken--;
        isIn = false;
      },
    };
  }
}
