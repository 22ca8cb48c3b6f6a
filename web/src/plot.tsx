// A chart of Observable Plot as a component. Plot's own style element is left out: the content security policy allows no
// inline styles, and its two rules stand in style.css.

import * as Plot from '@observablehq/plot';
import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { ChartKey, type KeyEntry } from './chart-key';
import { drawFitting } from './fitting';

/** Of A4 between its margins and the card's, in CSS pixels. */
const paperWidth = 600;

export interface ChartProps {
  readonly title: string;
  readonly options: Omit<Plot.PlotOptions, 'width' | 'title' | 'figure'>;
  /** What its lines and dots are. */
  readonly keyOf?: readonly KeyEntry[] | undefined;
  /** What can be chosen of it. */
  readonly choice?: React.ReactNode;
  /** Which images it is about, and what it leaves out. */
  readonly note?: string | undefined;
  /** Called with the datum under a click. */
  readonly onPick?: (datum: unknown) => void;
}

export function Chart({ title, options, keyOf, choice, note, onPick }: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    // Nobody observes sizes on paper: charts are drawn for it before.
    const toPaper = (): void => flushSync(() => setWidth((screen) => Math.min(screen, paperWidth)));
    const toScreen = (): void => setWidth(element.clientWidth);
    addEventListener('beforeprint', toPaper);
    addEventListener('afterprint', toScreen);
    return () => {
      observer.disconnect();
      removeEventListener('beforeprint', toPaper);
      removeEventListener('afterprint', toScreen);
    };
  }, []);
  useEffect(() => {
    const element = holder.current;
    if (!element || width === 0) return;
    const chart = drawFitting(element, width, (margins) => {
      const drawn = Plot.plot({
        height: 260,
        ...options,
        ...margins,
        x: { labelOffset: 38, ...options.x },
        width,
        className: 'plot',
        ariaLabel: title,
      });
      for (const style of drawn.querySelectorAll('style')) style.remove();
      return drawn;
    });
    chart.setAttribute('role', 'img');
    // The chart is one image; its parts are no elements of their own to assistive technology.
    for (const part of chart.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
    if (onPick) chart.addEventListener('click', () => 'value' in chart && chart.value && onPick(chart.value));
  }, [options, width, title, onPick]);
  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      {choice}
      {keyOf && <ChartKey entries={keyOf} name={title} />}
      <div ref={holder} />
      {note !== undefined && <p className="note">{note}</p>}
    </figure>
  );
}

export interface ManyDotsOptions<T> {
  readonly x: keyof T & string;
  readonly y: keyof T & string;
  /** `c0` … `c5` of style.css. */
  readonly colour: string;
}

/** All points as one path: some thousand circles would make the page slow. */
export function manyDots<T extends object>(data: readonly T[], { x, y, colour }: ManyDotsOptions<T>): Plot.Markish {
  return Plot.dot(data, {
    x,
    y,
    r: 1,
    render: (index, _scales, { x: xs, y: ys }) => {
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      path.setAttribute('d', Array.from(index, (i) => `M${xs?.[i] ?? 0} ${ys?.[i] ?? 0}h0`).join(''));
      path.setAttribute('class', `dots ${colour}`);
      return path;
    },
  });
}
