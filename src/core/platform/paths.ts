// Paths as the core writes them: parts between slashes.

/** Joined by slashes; `.` and `..` are carried out. `join('/a/b', '../c')` is `/a/c`. */
export function join(...parts: readonly string[]): string {
  const path = parts.filter((part) => part !== '').join('/');
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (part !== '..' || !path.startsWith('/')) kept.push(part);
  }
  return path.startsWith('/') ? `/${kept.join('/')}` : kept.join('/') || '.';
}

/** `/a/b` of `/a/b/c.png`, `.` of `c.png`. */
export function dirname(path: string): string {
  const at = path.replace(/\/+$/, '').lastIndexOf('/');
  if (at < 0) return '.';
  return at === 0 ? '/' : path.slice(0, at);
}

/** `c.png` of `/a/b/c.png`, `c` with the ending `.png`. */
export function basename(path: string, ending = ''): string {
  const name = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return ending !== '' && name !== ending && name.endsWith(ending) ? name.slice(0, -ending.length) : name;
}

/** `.png` of `/a/b/c.png`; empty where there is none. */
export function extname(path: string): string {
  const name = basename(path);
  const at = name.lastIndexOf('.');
  return at > 0 ? name.slice(at) : '';
}

export function isAbsolute(path: string): boolean {
  return path.startsWith('/');
}

/** From one folder to a path below it or beside it: `../c/d.png` of `/a/b` and `/a/c/d.png`. */
export function relative(from: string, to: string): string {
  const [a, b] = [from, to].map((path) =>
    join(path)
      .split('/')
      .filter((part) => part !== '' && part !== '.'),
  );
  if (!a || !b) return '';
  let shared = 0;
  while (shared < a.length && shared < b.length && a[shared] === b[shared]) shared++;
  return [...a.slice(shared).map(() => '..'), ...b.slice(shared)].join('/');
}
