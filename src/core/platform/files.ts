// Files by name. Whatever cannot be done is an Error whose message says why; its code is ENOENT where there is no such file or folder,
// ENOTDIR where a part of its path (or what is listed) is no folder, EISDIR where a file is wanted and a folder is there, EEXIST where a
// folder is to be made and a file is there, ENOTEMPTY where a folder is in the way that is not empty.

export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'other';
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970, with their fractions: when its content was written, and when anything of it changed, which nobody can set back. */
  readonly modified: number;
  readonly changed: number;
}

export interface FolderEntry {
  readonly name: string;
  /** A link may lead to a file, to a folder, or nowhere. */
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

/** A file that is read in parts: as it is at that moment where it is written; once it is replaced, removed or renamed, still the same one. */
export interface OpenFile extends AsyncDisposable {
  /** Bytes. */
  readonly size: number;
  /** From byte `at` on; fewer than `count` where the file ends. */
  read(at: number, count: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

export interface Files {
  read(file: string): Promise<Uint8Array<ArrayBuffer>>;
  /** The whole file, whatever kind it says it is. @param most bytes @throws Error that says how large it is */
  readBounded(file: string, most: number): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * A file of a run's folder, which somebody else may have made: undefined where there is none, or a link, a pipe or anything else of
   * its name, or more than `most` bytes.
   */
  readOwn(file: string, most: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** The first bytes, as many as there are. */
  readStart(file: string, count: number): Promise<Uint8Array<ArrayBuffer>>;
  open(file: string): Promise<OpenFile>;
  /** Links are followed; undefined where there is nothing, or nothing that may be looked at. */
  facts(place: string): Promise<FileFacts | undefined>;
  /** Without links; undefined where there is nothing. */
  realPlace(place: string): Promise<string | undefined>;
  list(folder: string): Promise<FolderEntry[]>;
  /** SHA-256 in hexadecimal, of files of any size. */
  sha256(file: string): Promise<string>;
  /** A new file, or the old one with other content. */
  write(file: string, content: string | Uint8Array): Promise<void>;
  /** The whole new content or the whole old one, whatever happens; it is kept when this resolves. */
  replace(file: string, content: string | Uint8Array): Promise<void>;
  /** @throws Error where nothing can be written into it */
  requireWritable(folder: string): Promise<void>;
  /** With those above it; nothing where it is there. */
  makeFolder(folder: string): Promise<void>;
  /** A file, or a folder with all that is in it; nothing where there is none, nor could be. */
  remove(place: string): Promise<void>;
  /**
   * As rename(2): a file takes the place of a file, a folder that of an empty folder.
   * @throws Error where anything else is there, or the folder above is not
   */
  rename(from: string, to: string): Promise<void>;
  /** Where what can be made again is kept between programs, by what it is. */
  cacheFolder(what: string): string;
  /** The same, made. @throws Error where there is no place for it */
  makeCacheFolder(what: string): Promise<string>;
}

/** More than any description of a run has. */
const mostText = 2 ** 25;

/** `readOwn` as UTF-8. */
export async function ownText(files: Files, file: string, most = mostText): Promise<string | undefined> {
  const bytes = await files.readOwn(file, most);
  return bytes && new TextDecoder().decode(bytes);
}

/** The whole file as UTF-8; undefined where it cannot be read. */
export async function textOf(files: Files, file: string): Promise<string | undefined> {
  const bytes = await files.read(file).catch(() => undefined);
  return bytes && new TextDecoder().decode(bytes);
}
