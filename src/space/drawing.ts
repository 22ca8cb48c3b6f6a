// A genotype as an SVG picture: the decoder's connections, and the cell inside every block. Layout by dagre.

import { Graph, layout, type Point } from '@dagrejs/dagre';
import { encoderTaps } from './encoder-spec.js';
import { type Genotype, looseEnds, outputBlocks, positionsBefore, tapCount } from './genotype.js';
import { cellOp } from './ops.js';

interface Box {
  readonly id: string;
  readonly lines: readonly string[];
  readonly kind: 'tap' | 'block' | 'head' | 'input' | 'conv' | 'separable' | 'pool' | 'skip' | 'none' | 'sum';
}

interface Diagram {
  readonly boxes: readonly Box[];
  readonly edges: readonly (readonly [string, string])[];
  /** Where everything ends: what cannot reach it is drawn pale. */
  readonly end: string;
}

const colours: Readonly<Record<Box['kind'], string>> = {
  tap: '#cfe2f3',
  block: '#d9ead3',
  head: '#f4cccc',
  input: '#cfe2f3',
  conv: '#fce5cd',
  separable: '#fff2cc',
  pool: '#d0e0e3',
  skip: '#eeeeee',
  none: '#eeeeee',
  sum: '#ffffff',
};

/** @returns a self-contained SVG document */
export function drawGenotype(genotype: Genotype): string {
  const decoder = placed(decoderDiagram(genotype));
  const cell = placed(cellDiagram(genotype));
  const margin = 24;
  const title = 34;
  const width = Math.max(decoder.width, cell.width) + 2 * margin;
  const height = decoder.height + cell.height + 3 * margin + 2 * title;
  const panel = (name: string, body: string, top: number): string =>
    `<text x="${margin}" y="${top + 20}" font-size="16" font-weight="bold">${name}</text><g transform="translate(${margin} ${top + title})">${body}</g>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#222">`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#666"/></marker></defs>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    panel('Decoder', decoder.body, margin / 2),
    panel('Cell (two in every block, each with weights of its own)', cell.body, margin * 1.5 + title + decoder.height),
    '</svg>',
  ].join('\n');
}

function decoderDiagram(genotype: Genotype): Diagram {
  const name = (i: number): string => (i < tapCount ? `tap${i}` : `block${i - tapCount}`);
  const boxes: Box[] = encoderTaps.map(({ divisor, channels }, i) => ({
    id: `tap${i}`,
    lines: [`tap ${i}: 1/${divisor}`, `${channels} channels`],
    kind: 'tap',
  }));
  const edges: [string, string][] = [];
  genotype.connections.forEach((pair, b) => {
    boxes.push({ id: `block${b}`, lines: [`block ${b + 1}`, 'cell + cell'], kind: 'block' });
    for (const i of pair) edges.push([name(i), `block${b}`]);
  });
  boxes.push({ id: 'head', lines: ['head', 'concat, 1×1, 3×3'], kind: 'head' });
  for (const b of outputBlocks(genotype)) edges.push([`block${b}`, 'head']);
  return { boxes, edges, end: 'head' };
}

function cellDiagram({ cell }: Genotype): Diagram {
  const boxes: Box[] = [{ id: 'p0', lines: ['input'], kind: 'input' }];
  const edges: [string, string][] = [];
  const op = (position: number, from: number, index: number): void => {
    const { name, kind } = cellOp(index);
    boxes.push({ id: `p${position}`, lines: [name], kind });
    // `none` has no use for its input.
    if (kind !== 'none') edges.push([`p${from}`, `p${position}`]);
  };
  op(1, 0, cell.first);
  cell.rounds.forEach(({ positions, ops }, r) => {
    const base = positionsBefore(r);
    op(base, positions[0], ops[0]);
    op(base + 1, positions[1], ops[1]);
    boxes.push({ id: `p${base + 2}`, lines: ['+'], kind: 'sum' });
    edges.push([`p${base}`, `p${base + 2}`], [`p${base + 1}`, `p${base + 2}`]);
  });
  boxes.push({ id: 'out', lines: ['output'], kind: 'head' });
  for (const p of looseEnds(cell)) edges.push([`p${p}`, 'out']);
  return { boxes, edges, end: 'out' };
}

function placed({ boxes, edges, end }: Diagram): { body: string; width: number; height: number } {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 42 });
  for (const { id, lines, kind } of boxes) {
    const width = kind === 'sum' ? 28 : Math.max(...lines.map((line) => line.length)) * 7.4 + 22;
    graph.setNode(id, { width, height: kind === 'sum' ? 28 : 18 * lines.length + 14 });
  }
  // A block may take the same map twice: two edges between the same boxes.
  edges.forEach(([from, to], i) => {
    graph.setEdge(from, to, {}, String(i));
  });
  layout(graph);
  const alive = reaches(edges, end);
  const parts: string[] = [];
  for (const edge of graph.edges()) {
    const { points } = graph.edge(edge);
    const [first, ...rest] = points ?? [];
    if (!first) continue;
    const path = `M${round(first.x)} ${round(first.y)} ${rest.map(({ x, y }: Point) => `L${round(x)} ${round(y)}`).join(' ')}`;
    parts.push(`<path d="${path}" fill="none" stroke="#666" marker-end="url(#arrow)"${alive.has(edge.w) ? '' : ' opacity="0.3"'}/>`);
  }
  for (const { id, lines, kind } of boxes) {
    const { x = 0, y = 0, width = 0, height = 0 } = graph.node(id);
    const shape = `<rect x="${round(x - width / 2)}" y="${round(y - height / 2)}" width="${round(width)}" height="${round(height)}" rx="${kind === 'sum' ? 14 : 6}" fill="${colours[kind]}" stroke="#666"/>`;
    const text = lines.map(
      (line, i) => `<text x="${round(x)}" y="${round(y + 4.5 + 18 * (i - (lines.length - 1) / 2))}" text-anchor="middle">${line}</text>`,
    );
    parts.push(`<g${alive.has(id) ? '' : ' opacity="0.35"'}>${shape}${text.join('')}</g>`);
  }
  const { width = 0, height = 0 } = graph.graph();
  return { body: parts.join('\n'), width: Math.ceil(width), height: Math.ceil(height) };
}

/** The boxes from which `end` can be reached. */
function reaches(edges: readonly (readonly [string, string])[], end: string): ReadonlySet<string> {
  const found = new Set([end]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [from, to] of edges)
      if (found.has(to) && !found.has(from)) {
        found.add(from);
        grown = true;
      }
  }
  return found;
}

function round(v: number): number {
  return Math.round(v * 10) / 10;
}
