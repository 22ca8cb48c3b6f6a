// A genotype as an SVG picture: the decoder's connections, and the cell inside every block. Layout by dagre.

import { Graph, layout } from '@dagrejs/dagre';
import { encoderTaps } from './encoder-spec.js';
import { type Genotype, looseEnds, outputBlocks, positionsBefore, tapCount } from './genotype.js';
import { cellOp } from './ops.js';

export interface Box {
  /** `tap0`, `block0`, `head`; in a cell `p0` (its input) and on by position, `out`. */
  readonly id: string;
  readonly lines: readonly string[];
  readonly kind: 'tap' | 'block' | 'head' | 'input' | 'conv' | 'separable' | 'pool' | 'skip' | 'none' | 'sum';
}

export interface Diagram {
  readonly boxes: readonly Box[];
  readonly edges: readonly (readonly [string, string])[];
  /** Where everything ends: what cannot reach it is drawn pale. */
  readonly end: string;
}

/** A box with its place: centre and size in pixels. */
/** Not the layout library's own type: what users compile must not depend on it. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedBox extends Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Whether it can reach the end; the others are drawn pale. */
  readonly alive: boolean;
}

export interface PlacedDiagram {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly edges: readonly { readonly points: readonly Point[]; readonly alive: boolean }[];
}

export const boxColours: Readonly<Record<Box['kind'], string>> = {
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
  return drawDiagrams([
    ['Decoder', decoderDiagram(genotype)],
    ['Cell (two in every block, each with weights of its own)', cellDiagram(genotype)],
  ]);
}

/** Diagrams below one another, each under its title, as a self-contained SVG document. */
export function drawDiagrams(diagrams: readonly (readonly [string, Diagram])[]): string {
  const margin = 24;
  const title = 34;
  const panels: string[] = [];
  let [width, top] = [0, margin / 2];
  for (const [name, diagram] of diagrams) {
    const panel = drawn(placed(diagram));
    panels.push(
      `<text x="${margin}" y="${top + 20}" font-size="16" font-weight="bold">${name}</text><g transform="translate(${margin} ${top + title})">${panel.body}</g>`,
    );
    width = Math.max(width, panel.width);
    top += margin + title + panel.height;
  }
  const [w, h] = [width + 2 * margin, top + margin / 2];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#222">`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L8 4 L0 8 z" fill="#666"/></marker></defs>',
    `<rect width="${w}" height="${h}" fill="#fff"/>`,
    ...panels,
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

/** Taps, blocks and head, from left to right. */
export function layoutDecoder(genotype: Genotype): PlacedDiagram {
  return placed(decoderDiagram(genotype));
}

/** What a drawing is of, without places. */
export type DrawnParts = Pick<Diagram, 'boxes' | 'edges'>;

export function decoderBoxes(genotype: Genotype): DrawnParts {
  return decoderDiagram(genotype);
}

export function cellBoxes(genotype: Genotype): DrawnParts {
  return cellDiagram(genotype);
}

/** The cell's positions, from its input to its output. */
export function layoutCell(genotype: Genotype): PlacedDiagram {
  return placed(cellDiagram(genotype));
}

function placed({ boxes, edges, end }: Diagram): PlacedDiagram {
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
  const { width = 0, height = 0 } = graph.graph();
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    boxes: boxes.map((box) => {
      const { x = 0, y = 0, width: w = 0, height: h = 0 } = graph.node(box.id);
      return { ...box, x: round(x), y: round(y), width: round(w), height: round(h), alive: alive.has(box.id) };
    }),
    edges: graph.edges().map((edge: { readonly v: string; readonly w: string; readonly name?: string }) => ({
      points: (graph.edge(edge).points ?? []).map(({ x, y }: Point) => ({ x: round(x), y: round(y) })),
      alive: alive.has(edge.w),
    })),
  };
}

function drawn({ width, height, boxes, edges }: PlacedDiagram): { body: string; width: number; height: number } {
  const parts: string[] = [];
  for (const { points, alive } of edges)
    parts.push(`<path d="${edgePath(points)}" fill="none" stroke="#666" marker-end="url(#arrow)"${alive ? '' : ' opacity="0.3"'}/>`);
  for (const { lines, kind, x, y, width: w, height: h, alive } of boxes) {
    const shape = `<rect x="${round(x - w / 2)}" y="${round(y - h / 2)}" width="${w}" height="${h}" rx="${kind === 'sum' ? 14 : 6}" fill="${boxColours[kind]}" stroke="#666"/>`;
    const text = lines.map(
      (line, i) => `<text x="${x}" y="${round(y + 4.5 + 18 * (i - (lines.length - 1) / 2))}" text-anchor="middle">${line}</text>`,
    );
    parts.push(`<g${alive ? '' : ' opacity="0.35"'}>${shape}${text.join('')}</g>`);
  }
  return { body: parts.join('\n'), width, height };
}

/** An edge as the `d` of an SVG path. */
export function edgePath(points: readonly Point[]): string {
  return points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join(' ');
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
