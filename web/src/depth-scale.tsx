// The colours of depth: their scale, and the depth that a coloured picture shows under the pointer.

import { depthLevels, levelColour, levelDepth } from '../../src/core/data/palette.js';

export interface DepthRange {
  readonly minDepth: number;
  readonly maxDepth: number;
}

const css = (level: number): string => `rgb(${levelColour(level).join(' ')})`;

/** Near to far, with figures below. @param under what is under the pointer */
export function DepthScale({ range: { minDepth, maxDepth }, under }: { readonly range: DepthRange; readonly under: string }) {
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
      <output data-fact="depth">{under || 'metres; point at a picture'}</output>
    </div>
  );
}

export function depthText(metres: number | undefined): string {
  return metres === undefined ? '' : metres === 0 ? 'not measured' : `${metres.toFixed(2)} m`;
}

const canvases = new WeakMap<HTMLImageElement, { readonly src: string; readonly pixels: ImageData }>();
let levels: Map<number, number> | undefined;

/** Metres that a picture in these colours shows there; undefined where it is not loaded. */
export function depthUnder(image: HTMLImageElement, clientX: number, clientY: number, range: DepthRange): number | undefined {
  const pixels = pixelsOf(image);
  if (!pixels) return undefined;
  const box = image.getBoundingClientRect();
  const at = (client: number, start: number, size: number, count: number): number =>
    Math.max(0, Math.min(count - 1, Math.floor(((client - start) * count) / size)));
  const i = at(clientY, box.top, box.height, pixels.height) * pixels.width + at(clientX, box.left, box.width, pixels.width);
  levels ??= new Map(Array.from({ length: depthLevels }, (_, level) => [packed(levelColour(level)), level]));
  const level = levels.get(packed([pixels.data[4 * i] ?? 0, pixels.data[4 * i + 1] ?? 0, pixels.data[4 * i + 2] ?? 0]));
  return level === undefined ? undefined : levelDepth(level, range.minDepth, range.maxDepth);
}

function packed([r, g, b]: readonly [number, number, number]): number {
  return (r << 16) | (g << 8) | b;
}

function pixelsOf(image: HTMLImageElement): ImageData | undefined {
  const known = canvases.get(image);
  if (known?.src === image.src) return known.pixels;
  if (!image.complete || image.naturalWidth === 0) return undefined;
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return undefined;
  context.drawImage(image, 0, 0);
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
  canvases.set(image, { src: image.src, pixels });
  return pixels;
}
