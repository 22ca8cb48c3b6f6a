// Margins of a chart by what stands in them: it is drawn, its labels are measured, and where one is cut off it is drawn again
// with the room that it needs. What would leave too little for the chart itself is shortened.

export interface Margins {
  readonly marginTop: number;
  readonly marginRight: number;
  readonly marginBottom: number;
  readonly marginLeft: number;
}

const usual: Margins = { marginTop: 27, marginRight: 20, marginBottom: 44, marginLeft: 40 };
/** Between a label and the edge. */
const gap = 3;
/** Of the width, for labels on both sides. */
const mostShare = 0.55;

type Drawing = SVGSVGElement | HTMLElement;

/** @param draw with these margins @returns what lies in `holder` then */
export function drawFitting(holder: HTMLElement, width: number, draw: (margins: Margins) => Drawing): Drawing {
  let margins = usual;
  for (let tries = 0; ; tries++) {
    const chart = draw(margins);
    holder.replaceChildren(chart);
    const wider = widened(chart, margins, width);
    if (!wider || tries === 2) {
      shorten(chart);
      return chart;
    }
    margins = wider;
  }
}

/** Undefined where everything has room. */
function widened(chart: Drawing, margins: Margins, width: number): Margins | undefined {
  const box = chart.getBoundingClientRect();
  let [top, right, bottom, left] = [0, 0, 0, 0];
  for (const text of chart.querySelectorAll('text')) {
    const at = text.getBoundingClientRect();
    if (at.width === 0) continue;
    top = Math.max(top, box.top - at.top);
    right = Math.max(right, at.right - box.right);
    bottom = Math.max(bottom, at.bottom - box.bottom);
    left = Math.max(left, box.left - at.left);
  }
  const room = mostShare * width;
  const more = (size: number, by: number, most: number): number =>
    by > 0 ? Math.max(size, Math.min(most, Math.ceil(size + by + gap))) : size;
  const marginLeft = more(margins.marginLeft, left, room - usual.marginRight);
  const wider = {
    marginTop: more(margins.marginTop, top, 100),
    marginRight: more(margins.marginRight, right, room - marginLeft),
    marginBottom: more(margins.marginBottom, bottom, 200),
    marginLeft,
  };
  const isSame = wider.marginTop === margins.marginTop && wider.marginRight === margins.marginRight;
  return isSame && wider.marginBottom === margins.marginBottom && wider.marginLeft === margins.marginLeft ? undefined : wider;
}

/** Labels that still do not fit end in an ellipsis, and say all of it when pointed at. */
function shorten(chart: Drawing): void {
  const box = chart.getBoundingClientRect();
  for (const text of chart.querySelectorAll('text')) {
    const whole = text.textContent ?? '';
    const sticksOut = (): boolean => {
      const { left, right } = text.getBoundingClientRect();
      return left < box.left || right > box.right;
    };
    if (text.childElementCount > 0 || whole.length < 4 || !sticksOut()) continue;
    for (let length = whole.length - 1; length > 2 && sticksOut(); length--) text.textContent = `${whole.slice(0, length)}…`;
    const title = document.createElementNS('http://www.w3.org/2000/svg', 'title');
    title.textContent = whole;
    text.append(title);
  }
}
