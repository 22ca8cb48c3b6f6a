// Runs in a page: what somebody reads off a chart. Marks are placed by the labels of the axes alone, not by what drew them.

(title) => {
  const figure = [...document.querySelectorAll('figure.chart')].find((one) => one.querySelector('figcaption').textContent === title);
  const svg = figure?.querySelector('svg.plot');
  if (!svg) throw new Error(`no chart ${title}`);
  const numbers = [...svg.querySelectorAll('text')].flatMap((text) => {
    const value = Number(text.textContent.replaceAll(',', '').replace('−', '-'));
    if (text.textContent.trim() === '' || Number.isNaN(value)) return [];
    const { left, right, top, bottom } = text.getBoundingClientRect();
    const anchor = text.closest('[text-anchor]')?.getAttribute('text-anchor') ?? 'middle';
    return [{ value, anchor, x: (left + right) / 2, y: (top + bottom) / 2 }];
  });
  /** Along an axis a value by its place, and by how many pixels a label stands beside that. */
  const axis = (labels, along) => {
    const sorted = labels.toSorted((a, b) => a[along] - b[along]);
    const [first, last] = [sorted[0], sorted.at(-1)];
    if (!first || last === first) return { read: () => Number.NaN, off: 0, count: labels.length };
    const perPixel = (last.value - first.value) / (last[along] - first[along]);
    const read = (place) => first.value + (place - first[along]) * perPixel;
    const off = Math.max(...sorted.map((label) => Math.abs((label.value - read(label[along])) / perPixel)));
    return { read, off, count: labels.length };
  };
  // Of the y axis those that end at the same line; of the x axis those at the same height.
  const ends = numbers.filter(({ anchor }) => anchor === 'end');
  const lowest = Math.max(...numbers.filter(({ anchor }) => anchor === 'middle').map(({ y }) => y));
  const y = axis(ends, 'y');
  const x = axis(
    numbers.filter((label) => label.anchor === 'middle' && Math.abs(label.y - lowest) < 2),
    'x',
  );
  const place = (element, left, top) => {
    const at = new DOMPoint(left, top).matrixTransform(element.getScreenCTM());
    return [x.read(at.x), y.read(at.y)];
  };
  const vertices = (path) =>
    [...path.getAttribute('d').matchAll(/[ML]?(-?[\d.]+)[ ,](-?[\d.]+)/g)].map(([, left, top]) => place(path, Number(left), Number(top)));
  return {
    off: Math.max(x.off, y.off),
    labels: [x.count, y.count],
    dots: [...svg.querySelectorAll('path.dots')].flatMap(vertices),
    circles: [...svg.querySelectorAll('circle')].map((circle) => place(circle, circle.cx.baseVal.value, circle.cy.baseVal.value)),
    /** The right ends of bars. */
    bars: [...svg.querySelectorAll('rect')].map((bar) => x.read(bar.getBoundingClientRect().right)),
  };
};
