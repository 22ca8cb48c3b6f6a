// JSON that may be none.

/** No file of ours, or of the labelling tools we read, is nested deeper. */
const deepest = 64;

/** Undefined where the text is no JSON, or is nested without end: for schemas to refuse. */
export function parseJson(text: string): unknown {
  if (isNestedDeeper(text, deepest)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Brackets within brackets are counted before any of them is an object: ten million empty lists are a gigabyte. */
function isNestedDeeper(text: string, most: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (quoted) {
      if (c === 0x5c) i++;
      else if (c === 0x22) quoted = false;
    } else if (c === 0x22) quoted = true;
    else if (c === 0x5b || c === 0x7b) {
      depth++;
      if (depth > most) return true;
    } else if (c === 0x5d || c === 0x7d) depth--;
  }
  return false;
}
