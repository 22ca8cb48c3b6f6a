// A small field of a colour, beside what it stands for.

import { labelColour, type Rgb } from '../../src/core/data/palette.js';

type SwatchProps = { readonly label: number } | { readonly colour: Rgb };

export function Swatch(props: SwatchProps) {
  const [r, g, b] = 'label' in props ? labelColour(props.label) : props.colour;
  return (
    <svg className="swatch" width="14" height="14" aria-hidden="true">
      <rect width="14" height="14" fill={`rgb(${r} ${g} ${b})`} />
    </svg>
  );
}
