/** A file's bytes as an address that holds them, for a page that is one file. @param type as in `image/jpeg` */
export function dataAddress(type: string, bytes: Uint8Array): string {
  let text = '';
  // As many arguments as any engine takes.
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return `data:${type};base64,${btoa(text)}`;
}
