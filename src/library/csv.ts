// Comma-separated values (RFC 4180), for spreadsheets and data frames.

export type CsvValue = string | number | boolean | null | undefined;

/** @param rows the first with the names of the columns; what is missing is empty */
export function csvText(rows: readonly (readonly CsvValue[])[]): string {
  return rows.map((row) => row.map(quoted).join(',')).join('\n');
}

function quoted(value: CsvValue): string {
  const text = value === undefined || value === null ? '' : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
