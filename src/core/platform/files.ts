// What the core asks of a place for files: a disk, a browser's private file system, memory. Files are named by paths with `/`;
// what a path means is the platform's business, so a path may be sent to a worker thread and named in a message.

export interface FileEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

export interface FileStat {
  readonly kind: 'file' | 'folder';
  readonly bytes: number;
  /** Another one after every change of the contents; not the contents themselves. */
  readonly version: string;
}

/** A file that is read and written in places: rows of numbers. */
export interface RowFile {
  /** Fills `into` from byte `at`; the number of bytes that were there. */
  read(at: number, into: Uint8Array): Promise<number>;
  /** Writes all of it from byte `at`. */
  write(at: number, bytes: Uint8Array): Promise<void>;
  /** What was written stays, whatever happens to the machine. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface Files {
  /**
   * A whole file; undefined where there is none.
   * @param most bytes @throws UserError when it has more
   */
  read(file: string, most?: number): Promise<Uint8Array | undefined>;
  /** Whole or not at all: who reads meanwhile sees the old contents or the new. Folders on the way are made. */
  write(file: string, contents: Uint8Array | string): Promise<void>;
  /** What is in a folder, by name; undefined where there is no such folder. Links are followed. */
  list(folder: string): Promise<readonly FileEntry[] | undefined>;
  stat(path: string): Promise<FileStat | undefined>;
  /** A file, or a folder with all that is in it; nothing where there is none. */
  remove(path: string): Promise<void>;
  /** @param purpose `read` of a file that is there; `write` begins an empty one. @throws UserError when it cannot be opened */
  open(file: string, purpose: 'read' | 'write'): Promise<RowFile>;
}
