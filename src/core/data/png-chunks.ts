// A PNG file as its chunks (https://www.w3.org/TR/png-3/, 5.3).

export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export interface Chunk {
  readonly kind: string;
  readonly content: Uint8Array<ArrayBuffer>;
  /** With its length, kind and checksum. */
  readonly whole: Uint8Array<ArrayBuffer>;
}

export function chunksOf(bytes: Uint8Array<ArrayBuffer>): Chunk[] {
  const data = view(bytes);
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = data.getUint32(at);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks.push({ kind, content: bytes.subarray(at + 8, at + 8 + length), whole: bytes.subarray(at, at + 12 + length) });
    at += 12 + length;
  }
  return chunks;
}
