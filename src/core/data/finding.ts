// What is wrong with data, or may be: said with its cause, how often, where for example, and what to do about it.

/**
 * error: cannot be learnt from, nothing is begun. warning: probably not what was meant. note: worth knowing.
 */
export const grades = ['error', 'warning', 'note'] as const;

export type Grade = (typeof grades)[number];

export interface Finding {
  readonly grade: Grade;
  /** Names the kind of finding, for programs: `class-without-pixels`. */
  readonly code: string;
  /** What is so, and why that matters, in a sentence without the files' names. */
  readonly cause: string;
  /** Of pictures, people, labels or lines: of what, the cause says. */
  readonly count: number;
  /** Up to three, for example. */
  readonly files: readonly string[];
  /** What to do about it. */
  readonly remedy: string;
}

/** How many files a finding names. */
const shownFiles = 3;

/** Adds up findings of one kind: the count of all, the first files. */
export class FindingList {
  readonly #findings = new Map<string, Finding>();

  /** The same code and cause are one finding; what comes later counts there. */
  add(finding: Omit<Finding, 'count' | 'files'> & { readonly count?: number; readonly files?: readonly string[] }): void {
    const { count = 1, files = [] } = finding;
    const key = `${finding.code} ${finding.cause}`;
    const known = this.#findings.get(key);
    this.#findings.set(key, {
      ...finding,
      count: (known?.count ?? 0) + count,
      files: [...new Set([...(known?.files ?? []), ...files])].slice(0, shownFiles),
    });
  }

  /** Errors first, then warnings, then notes; each in the order in which they were found. */
  list(): Finding[] {
    return [...this.#findings.values()].toSorted((a, b) => grades.indexOf(a.grade) - grades.indexOf(b.grade));
  }
}

/** One line for people. */
export function formatFinding({ grade, cause, count, files, remedy }: Finding): string {
  // Some causes say the number themselves.
  const often = count > Math.max(1, files.length) && !cause.includes(String(count)) ? String(count) : '';
  const where = `${files.join(', ')}${files.length > 0 && count > files.length ? ', …' : ''}`;
  const told = [often, where].filter((part) => part !== '').join(': ');
  return `${grade}: ${cause}${told === '' ? '' : ` (${told})`}; ${remedy}`;
}
