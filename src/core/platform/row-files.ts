// Files of equal rows, which are read at once and at any place: what a step trains on.

/** The file as it is at that moment, also when it has grown or was created anew since it was opened. */
export interface RowReader {
  /** Into `into`, from byte `at` on. @returns how many were there */
  read(into: Uint8Array, at: number): number;
  close(): void;
}

export interface RowWriter {
  /** Every byte, at byte `at`, or behind the last one that was written so far. */
  write(bytes: Uint8Array, at?: number): Promise<void>;
  /** What was written is kept when this resolves. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface RowFiles {
  /** @throws Error where it cannot be opened */
  open(file: string): RowReader;
  /** A new one, empty. */
  create(file: string): Promise<RowWriter>;
}
