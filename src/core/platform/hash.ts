export interface Hash {
  /** Text as UTF-8. */
  update(part: Uint8Array | string): Hash;
  /** In hexadecimal; afterwards nothing can be added. */
  digest(): string;
}
