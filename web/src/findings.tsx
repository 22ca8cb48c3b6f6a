// What was found in the data before a search began: what probably was not meant is in sight, the rest one click away.

import type { Finding } from '../../src/server/api.js';

export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  if (findings.length === 0) return null;
  const warnings = findings.filter(({ grade }) => grade !== 'note');
  const notes = findings.length - warnings.length;
  const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
  return (
    <details className="findings" open={warnings.length > 0}>
      <summary>
        About the data:{' '}
        {[warnings.length > 0 && count(warnings.length, 'warning'), notes > 0 && count(notes, 'note')].filter(Boolean).join(', ')}
      </summary>
      <ul>
        {findings.map(({ grade, code, cause, count: times, files, remedy }) => (
          <li key={`${code} ${cause}`} className={grade}>
            <strong>{grade}</strong> {cause}
            {times > 1 && ` (${times})`}
            {files.length > 0 && <small> {files.join(', ')}</small>}; {remedy}
          </li>
        ))}
      </ul>
    </details>
  );
}
