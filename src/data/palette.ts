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
