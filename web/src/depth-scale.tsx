// The colours of depth: their scale, and depths in words.

import { depthLevels, levelColour, levelDepth } from '../../src/core/data/palette.js';

export interface DepthRange {
  readonly minDepth: number;
  readonly maxDepth: number;
}

const css = (level: number): string => `rgb(${levelColour(level).join(' ')})`;

export interface DepthScaleProps {
  readonly range: DepthRange;
  /** What is under the pointer, where it is said here. */
  readonly under?: string;
}

/** Near to far, with figures below. */
export function DepthScale({ range: { minDepth, maxDepth }, under }: DepthScaleProps) {
  const [width, steps] = [320, 64];
  const ticks = Array.from({ length: 5 }, (_, i) => 1 + Math.round(((depthLevels - 2) * i) / 4)).reverse();
  const x = (level: number): number => 20 + ((width - 40) * (depthLevels - 1 - level)) / (depthLevels - 2);
  return (
    <div className="depth-scale">
      <svg width={width} height="38" role="img" aria-label={`colours of depth: red is ${minDepth} m, blue is ${maxDepth} m`}>
        {Array.from({ length: steps }, (_, i) => {
          const level = depthLevels - 1 - Math.round(((depthLevels - 2) * i) / (steps - 1));
          return <rect key={level} x={x(level) - 2} y="0" width={(width - 40) / steps + 2} height="16" fill={css(level)} />;
        })}
        {ticks.map((level) => (
          <text key={level} x={x(level)} y="32" textAnchor="middle" fontSize="12" fill="currentColor">
            {levelDepth(level, minDepth, maxDepth).toPrecision(2)}
          </text>
        ))}
      </svg>{' '}
      {under === undefined ? 'metres' : <output data-fact="depth">{under || 'metres; point at a picture'}</output>}
    </div>
  );
}

export function depthText(metres: number | undefined): string {
  return metres === undefined ? '' : metres === 0 ? 'not measured' : `${metres.toFixed(2)} m`;
}
