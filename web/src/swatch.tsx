// A small field of a colour, beside what it stands for.

import { labelColour, type Rgb } from '../../src/core/data/palette.js';

type SwatchProps = { readonly label: number } | { readonly colour: Rgb } | { readonly css: string };

export function Swatch(props: SwatchProps) {
  return (
    <svg className="swatch" width="14" height="14" aria-hidden="true">
      <rect width="14" height="14" fill={fillOf(props)} />
    </svg>
  );
}

function fillOf(props: SwatchProps): string {
  if ('css' in props) return props.css;
  const [r, g, b] = 'label' in props ? labelColour(props.label) : props.colour;
  return `rgb(${r} ${g} ${b})`;
}
