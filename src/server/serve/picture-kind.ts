// What kind of picture some bytes are, by how they begin: nothing else reaches the decoders, which know many more formats.

const starts: readonly (readonly [string, RegExp])[] = [
  ['JPEG', /^\xff\xd8\xff/],
  ['PNG', /^[^P]PNG\r\n/],
  ['WebP', /^RIFF[\s\S]{4}WEBP/],
  ['GIF', /^GIF8[79]a/],
  ['TIFF', /^(II\*\0|MM\0\*)/],
  ['AVIF', /^[\s\S]{4}ftypavi[fs]/],
];

export const pictureKinds = starts.map(([name]) => name).join(', ');

/** The format's name; undefined of all others. */
export function pictureKind(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  return starts.find(([, start]) => start.test(head))?.[0];
}
