// Facts of a run, side by side.

import type { ReactNode } from 'react';

interface FactProps {
  readonly name: string;
  readonly value: ReactNode;
  /** By which tests find it. */
  readonly fact?: string | undefined;
}

export function Fact({ name, value, fact }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-fact={fact}>{value}</dd>
    </div>
  );
}
