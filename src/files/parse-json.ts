// JSON that may be none.

/** Undefined where the text is no JSON: for schemas to refuse. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
