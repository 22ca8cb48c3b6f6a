// In what two presets differ.

/** Paths of the values in which two plain objects differ: `stage1.epochs`. */
export function differentKeys(a: unknown, b: unknown, path = ''): string[] {
  if (!isPlain(a) || !isPlain(b)) return JSON.stringify(a) === JSON.stringify(b) ? [] : [path];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => differentKeys(a[key], b[key], path === '' ? key : `${path}.${key}`));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
