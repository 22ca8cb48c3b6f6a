// One look at a time for however many tabs: while anyone listens, the source is asked at intervals, and what it has to tell
// goes to all.

export type Listener<T> = (news: T) => void;

export class Broadcast<T> {
  readonly #look: () => Promise<T | undefined>;
  readonly #every: number;
  readonly #listeners = new Set<Listener<T>>();
  #timer: NodeJS.Timeout | undefined;

  /** @param look gives what is new, undefined when nothing is @param every milliseconds between two looks */
  constructor(look: () => Promise<T | undefined>, every: number) {
    this.#look = look;
    this.#every = every;
  }

  /** @returns ends it */
  listen(listener: Listener<T>): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setTimeout(() => this.#tell(), this.#every);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  async #tell(): Promise<void> {
    // What cannot be read now is looked at again.
    const news = await this.#look().catch(() => undefined);
    if (news !== undefined) for (const listener of this.#listeners) listener(news);
    if (this.#listeners.size > 0) this.#timer = setTimeout(() => this.#tell(), this.#every);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
