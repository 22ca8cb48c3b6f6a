// Runs in a page: every text that is cut off, or that lies over another one, as a sentence. Lines of text are measured as the browser
// laid them out, labels of drawings with their rotation; what one can scroll to is no trouble.

(() => {
  /** Of a line's height: letters do not fill it. */
  const slack = 0.3;
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const said = (text) => JSON.stringify(text.trim().replace(/\s+/g, ' ').slice(0, 60));
  const rectangle = ({ left, top, right, bottom }) => [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];

  /** A box of what is shown outside of a drawing, one a line. */
  function linesOf(node) {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [...range.getClientRects()].filter(({ width, height }) => width > 1 && height > 1);
  }

  /** The corners of a label of a drawing. */
  function cornersOf(label) {
    const { x, y, width, height } = label.getBBox();
    const matrix = label.getScreenCTM();
    return rectangle({ left: x, top: y, right: x + width, bottom: y + height }).map(([left, top]) => {
      const at = new DOMPoint(left, top).matrixTransform(matrix);
      return [at.x, at.y];
    });
  }

  /** What hides a box's rest, from the inside outwards: `scroll` where one can get to it. */
  function clipsOf(element) {
    const clips = [];
    for (let at = element; at && at !== document.documentElement; at = at.parentElement) {
      const { overflowX, overflowY, position } = getComputedStyle(at);
      const kind = (overflow) => (/auto|scroll/.test(overflow) ? 'scroll' : overflow === 'visible' ? undefined : 'cut');
      const [x, y] = [kind(overflowX), kind(overflowY)];
      if (at !== document.body && (x || y)) clips.push({ box: at.getBoundingClientRect(), x, y });
      if (position === 'fixed') break;
    }
    return clips;
  }

  const texts = [];
  const troubles = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !isShown(element) || element.closest('svg, script, style, select, textarea')) continue;
    for (const line of linesOf(node)) texts.push({ text: node.data, element, polygon: rectangle(line), line });
  }
  for (const label of document.querySelectorAll('svg text')) {
    if (!label.textContent.trim() || !isShown(label)) continue;
    const drawing = label.closest('svg');
    texts.push({ text: label.textContent, element: drawing, polygon: cornersOf(label), line: label.getBoundingClientRect() });
    const { left, top, right, bottom } = drawing.getBoundingClientRect();
    const { line } = texts.at(-1);
    if (line.left < left - 1 || line.right > right + 1 || line.top < top - 1 || line.bottom > bottom + 1)
      troubles.push(`${said(label.textContent)} leaves its drawing`);
    const box = label.closest('.box')?.querySelector('rect')?.getBoundingClientRect();
    if (box && (line.left < box.left || line.right > box.right)) troubles.push(`${said(label.textContent)} is wider than its box`);
  }

  /** What is seen of it; undefined where one has to scroll to it. */
  const shown = texts.filter(({ text, element, line }) => {
    const middle = { x: (line.left + line.right) / 2, y: (line.top + line.bottom) / 2 };
    for (const { box, x, y } of clipsOf(element)) {
      const isWide = line.left < box.left - 1 || line.right > box.right + 1;
      const isHigh = line.top + slack * line.height < box.top || line.bottom - slack * line.height > box.bottom;
      if ((x === 'cut' && isWide) || (y === 'cut' && isHigh)) troubles.push(`${said(text)} is cut off`);
      if (middle.x < box.left || middle.x > box.right || middle.y < box.top || middle.y > box.bottom) return false;
      // The rest is scrolled to.
      if ((x === 'scroll' && isWide) || (y === 'scroll' && isHigh)) return true;
    }
    if (line.right > document.documentElement.clientWidth + 1 || line.left < -1) troubles.push(`${said(text)} leaves the page`);
    return true;
  });
  for (const input of document.querySelectorAll('input'))
    if (/text|search|number|url/.test(input.type) && isShown(input) && input.scrollWidth > input.clientWidth + 1)
      troubles.push(`${said(input.value)} is cut off in its field`);

  /** Corners drawn in, as letters do not fill their box. */
  const drawnIn = (polygon) => {
    const [a, b, , d] = polygon;
    const along = (k) => [b[k] - a[k], d[k] - a[k]];
    const [[ux, vx], [uy, vy]] = [along(0), along(1)];
    const inset = Math.min(0.45, 1 / Math.max(1, Math.hypot(ux, uy)));
    const at = (s, t) => [a[0] + s * ux + t * vx, a[1] + s * uy + t * vy];
    return [at(inset, slack), at(1 - inset, slack), at(1 - inset, 1 - slack), at(inset, 1 - slack)];
  };
  /** Convex polygons are apart where a side of one has the other beyond it (the theorem of the separating axis). */
  const overlap = (a, b) =>
    [a, b].every((one) =>
      one.every(([x, y], i) => {
        const [nextX, nextY] = one[(i + 1) % one.length];
        const along = (points) => points.map(([px, py]) => px * (nextY - y) - py * (nextX - x));
        const [first, second] = [along(a), along(b)];
        return Math.max(...first) > Math.min(...second) && Math.max(...second) > Math.min(...first);
      }),
    );
  const drawn = shown.map(({ text, element, polygon, line }) => ({ text, element, line, polygon: drawnIn(polygon) }));
  for (const [i, a] of drawn.entries())
    for (const b of drawn.slice(i + 1)) {
      const areApart =
        a.line.right <= b.line.left || b.line.right <= a.line.left || a.line.bottom <= b.line.top || b.line.bottom <= a.line.top;
      // A sticky head covers what is scrolled below it.
      const isCovered =
        a.element.closest('.head') !== b.element.closest('.head') && a.element.closest('.rows') === b.element.closest('.rows');
      if (!areApart && !isCovered && overlap(a.polygon, b.polygon)) troubles.push(`${said(a.text)} lies over ${said(b.text)}`);
    }
  return [...new Set(troubles)];
})();
