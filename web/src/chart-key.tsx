// A key of a chart: what each line and kind of dot is. In words beside the chart, so that no label lies on a curve.

/** `c0` … `c5` of style.css, and how it is drawn. */
export interface KeyEntry {
  readonly name: string;
  readonly colour: string;
  readonly mark: 'line' | 'dashed' | 'dot' | 'cross';
  /** Where it leads. */
  readonly href?: string | undefined;
}

export function ChartKey({ entries, name }: { readonly entries: readonly KeyEntry[]; readonly name: string }) {
  return (
    <ul className="key chart-key" aria-label={`key: ${name}`}>
      {entries.map(({ name: text, colour, mark, href }) => (
        <li key={text}>
          <svg className={`sign ${colour}`} width="24" height="12" aria-hidden="true">
            <Mark mark={mark} />
          </svg>{' '}
          {href === undefined ? text : <a href={href}>{text}</a>}
        </li>
      ))}
    </ul>
  );
}

function Mark({ mark }: Pick<KeyEntry, 'mark'>) {
  switch (mark) {
    case 'line':
      return <path d="M1 6h22" />;
    case 'dashed':
      return <path d="M1 6h22" strokeDasharray="5 4" />;
    case 'dot':
      return <path d="M12 6h0" className="round" />;
    case 'cross':
      return <path d="M9 3l6 6M15 3l-6 6" />;
  }
}
