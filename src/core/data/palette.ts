// Colours of labels: PASCAL VOC's colour map, which spreads the bits of the label over red, green and blue.

export type Rgb = readonly [number, number, number];

export function labelColour(label: number): Rgb {
  let [r, g, b] = [0, 0, 0];
  for (let bits = label, shift = 7; bits > 0; bits >>= 3, shift--) {
    r |= (bits & 1) << shift;
    g |= ((bits >> 1) & 1) << shift;
    b |= ((bits >> 2) & 1) << shift;
  }
  return [r, g, b];
}

/**
 * Colour of a depth on a logarithmic scale: near is red, far is blue; black is not known. Turbo, by A. Mikhailov's polynomials
 * (https://gist.github.com/mikhailov-work/0d177465a8151eb6ede1768d51d476c7).
 * @param metres 0: not known
 */
export function depthColour(metres: number, minDepth: number, maxDepth: number): Rgb {
  return metres > 0 ? levelColour(depthLevel(metres, minDepth, maxDepth)) : [0, 0, 0];
}

/** Levels of the scale; 0 stands for what is not known. */
export const depthLevels = 256;

/** 1 (far) to 255 (near); 0: not known. */
export function depthLevel(metres: number, minDepth: number, maxDepth: number): number {
  if (!(metres > 0)) return 0;
  const share = Math.log(metres / minDepth) / Math.log(maxDepth / minDepth);
  return depthLevels - 1 - Math.round((depthLevels - 2) * Math.max(0, Math.min(1, share)));
}

/** The middle of a level, in metres. */
export function levelDepth(level: number, minDepth: number, maxDepth: number): number {
  return level === 0 ? 0 : minDepth * (maxDepth / minDepth) ** ((depthLevels - 1 - level) / (depthLevels - 2));
}

export function levelColour(level: number): Rgb {
  table ??= levelTable();
  return table[level] ?? [0, 0, 0];
}

let table: readonly Rgb[] | undefined;

/** No two levels alike, so that a colour says its level. */
function levelTable(): Rgb[] {
  const colours: Rgb[] = [[0, 0, 0]];
  const taken = new Set<string>(['0,0,0']);
  for (let level = 1; level < depthLevels; level++) {
    const [r, g, b] = turbo((level - 1) / (depthLevels - 2));
    const free = [0, 1, -1, 2, -2].map((step): Rgb => [r, g + step, b]).find((colour) => !taken.has(colour.join()));
    const colour = free ?? [r, g, b];
    taken.add(colour.join());
    colours.push(colour);
  }
  return colours;
}

function turbo(x: number): Rgb {
  const polynomial = (coefficients: readonly number[]): number =>
    Math.round(
      255 *
        Math.max(
          0.01,
          Math.min(
            0.99,
            coefficients.reduceRight((sum, c) => sum * x + c, 0),
          ),
        ),
    );
  return [
    polynomial([0.13572138, 4.6153926, -42.66032258, 132.13108234, -152.94239396, 59.28637943]),
    polynomial([0.09140261, 2.19418839, 4.84296658, -14.18503333, 4.27729857, 2.82956604]),
    polynomial([0.1066733, 12.64194608, -60.58204836, 110.36276771, -89.90310912, 27.34824973]),
  ];
}
