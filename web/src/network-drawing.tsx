// The network as in the paper: taps, blocks and head, and the cell inside. What is under the pointer, or has the focus, says
// its map, parameters and multiply-adds.

import { useMemo, useState } from 'react';
import { partCosts, type PartCost } from '../../src/core/nn/part-costs.js';
import { edgePath, layoutCell, layoutDecoder, type PlacedBox, type PlacedDiagram } from '../../src/core/space/drawing.js';
import { differingParts } from './differing-parts';
import { genotypeFromJson, positionsBefore } from '../../src/core/space/genotype.js';

export interface NetworkDrawingProps {
  readonly genotype: unknown;
  /** Output channels. */
  readonly outputs: number;
  readonly width: number;
  readonly sepRepeats: number;
  readonly inputSize: readonly [number, number];
  /** Beside which it is looked at: what differs is marked. */
  readonly beside?: unknown;
}

export function NetworkDrawing({ genotype: json, outputs, width, sepRepeats, inputSize: [height, wide], beside }: NetworkDrawingProps) {
  const [where, setWhere] = useState({ block: 0, branch: 0 });
  const { decoder, cell, costOf, genotype } = useMemo(() => {
    const genotype = genotypeFromJson(json);
    const costOf = partCosts({ genotype, outputs, width, sepRepeats, inputSize: [height, wide] });
    return { genotype, costOf, decoder: layoutDecoder(genotype), cell: layoutCell(genotype) };
  }, [json, outputs, width, sepRepeats, height, wide]);
  const differing = useMemo(
    () => (beside === undefined ? undefined : differingParts(genotype, genotypeFromJson(beside))),
    [genotype, beside],
  );
  const decoderPart = ({ id }: PlacedBox): PartCost => {
    if (id.startsWith('tap')) return costOf(`decoder.adapt${Number(id.slice(3)) + 1}.`);
    if (id.startsWith('block')) {
      const [left, right] = [1, 2].map((branch) => costOf(`decoder.cells.${id.slice(5)}.agg.branch_${branch}.`).shape);
      // The smaller of its two maps is resized to the larger one.
      return { ...costOf(`decoder.cells.${id.slice(5)}.`), shape: larger(left, right) };
    }
    const [before, classifier] = [costOf('decoder.pre_clf.'), costOf('decoder.conv_clf.')];
    return {
      shape: classifier.shape,
      parameters: before.parameters + classifier.parameters,
      multiplyAdds: before.multiplyAdds + classifier.multiplyAdds,
    };
  };
  const prefix = `decoder.cells.${where.block}.op_${where.branch + 1}.`;
  const map = costOf(`decoder.cells.${where.block}.agg.branch_${where.branch + 1}.`).shape;
  const cellPart = ({ id }: PlacedBox): PartCost => {
    const op = opIndex(id, genotype.cell.rounds.length);
    const cost = op === undefined ? { shape: undefined, parameters: 0, multiplyAdds: 0 } : costOf(`${prefix}_ops.${op}.`);
    // A pooled map is spread out again, and what has no convolution keeps the shape of the map it works on.
    return { ...cost, shape: map };
  };
  const name = (k: number): string => (k < 4 ? `tap ${k}` : `block ${k - 3}`);
  return (
    <div className="network">
      <div>
        <h3>Decoder</h3>
        <Diagram title="drawing of the decoder" diagram={decoder} cost={decoderPart} differing={differing?.decoder} />
      </div>
      <div>
        <h3>Cell</h3>
        <label>
          as it stands in{' '}
          <select
            value={`${where.block}.${where.branch}`}
            onChange={({ target }) => {
              const [block = 0, branch = 0] = target.value.split('.').map(Number);
              setWhere({ block, branch });
            }}
          >
            {genotype.connections.flatMap((pair, block) =>
              pair.map((input, branch) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: blocks are their numbers
                <option key={`${block}.${branch}`} value={`${block}.${branch}`}>
                  block {block + 1}, on {name(input)}
                </option>
              )),
            )}
          </select>
        </label>
        <Diagram title="drawing of the cell" diagram={cell} cost={cellPart} differing={differing?.cell} />
      </div>
    </div>
  );
}

/** Of two maps [C, H, W]. */
function larger(a: readonly number[] | undefined, b: readonly number[] | undefined): readonly number[] | undefined {
  const pixels = (shape: readonly number[] | undefined): number => (shape?.[1] ?? 0) * (shape?.[2] ?? 0);
  return pixels(a) >= pixels(b) ? a : b;
}

/** In `_ops` every round has op a, op b and a sum. */
function opIndex(id: string, rounds: number): number | undefined {
  const position = Number(id.slice(1));
  if (position === 1) return 0;
  for (let r = 0; r < rounds; r++) {
    const base = positionsBefore(r);
    if (position === base || position === base + 1) return 1 + 3 * r + (position - base);
  }
  return undefined;
}

function Diagram({
  title,
  diagram,
  cost,
  differing,
}: {
  readonly title: string;
  readonly diagram: PlacedDiagram;
  readonly cost: (box: PlacedBox) => PartCost;
  /** Boxes by their ids. */
  readonly differing: ReadonlySet<string> | undefined;
}) {
  const [shown, setShown] = useState<PlacedBox>();
  const pad = 4;
  return (
    <>
      <section className="scroll" tabIndex={0} aria-label={title}>
        <svg
          className="diagram"
          ref={(element) => {
            // As wide as the page allows, and not so small that its words cannot be read.
            element?.style.setProperty('max-width', `${1.25 * (diagram.width + 2 * pad)}px`);
            element?.style.setProperty('min-width', `${0.8 * (diagram.width + 2 * pad)}px`);
          }}
          viewBox={`${-pad} ${-pad} ${diagram.width + 2 * pad} ${diagram.height + 2 * pad}`}
        >
          <title>{title}</title>
          {diagram.edges.map(({ points, alive }) => (
            <path key={edgePath(points)} d={edgePath(points)} className={alive ? 'edge' : 'edge pale'} />
          ))}
          {diagram.boxes.map((box) => (
            <g
              key={box.id}
              className={`box ${box.kind}${box.alive ? '' : ' pale'}${differing?.has(box.id) ? ' differs' : ''}`}
              tabIndex={0}
              role="img"
              aria-label={`${box.lines.join(', ')}${differing?.has(box.id) ? ', differs' : ''}: ${costText(cost(box))}`}
              onMouseEnter={() => setShown(box)}
              onFocus={() => setShown(box)}
            >
              <rect
                x={box.x - box.width / 2}
                y={box.y - box.height / 2}
                width={box.width}
                height={box.height}
                rx={box.kind === 'sum' ? 14 : 6}
              />
              {box.lines.map((line, i) => (
                <text key={line} x={box.x} y={box.y + 4.5 + 18 * (i - (box.lines.length - 1) / 2)} textAnchor="middle">
                  {line}
                </text>
              ))}
            </g>
          ))}
        </svg>
      </section>
      <p className="hint" aria-live="polite">
        {shown ? `${shown.lines.join(', ')}: ${costText(cost(shown))}` : 'Point at a box for its map, parameters and multiply-adds.'}
      </p>
    </>
  );
}

function costText({ shape, parameters, multiplyAdds }: PartCost): string {
  const map = shape ? `map ${shape.join('×')}, ` : '';
  return `${map}${parameters.toLocaleString('en')} parameters, ${(multiplyAdds / 1e6).toFixed(1)} M multiply-adds`;
}
