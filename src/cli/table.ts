// Tables for people: columns in line, and no line longer than the terminal is wide.

/** Without a terminal nothing is cut, so that other programs read whole lines. */
export function lineWidth(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'> = process.stdout): number {
  return stream.isTTY ? stream.columns : Number.POSITIVE_INFINITY;
}

/** @param rows the last cell of each is cut where there is no room for it */
export function table(rows: readonly (readonly string[])[], width = lineWidth()): string {
  const widths = rows[0]?.map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]): string =>
    row
      .map((cell, c) => (c === row.length - 1 ? cell : cell.padEnd(widths[c] ?? 0)))
      .join('  ')
      .trimEnd();
  return rows.map((row) => fitted(line(row), width)).join('\n');
}

export function fitted(line: string, width = lineWidth()): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
