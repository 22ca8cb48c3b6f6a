// Runs in a page: how clearly every mark of its charts stands out from the card (WCAG's contrast), and whether the chart's key, where it has
// one, shows its colour.

(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((v, i) => (i === 3 ? v / 255 : v));
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return [...document.querySelectorAll('figure.chart')].flatMap((figure) => {
    const panel = rgba(getComputedStyle(figure).backgroundColor).slice(0, 3);
    const title = figure.querySelector('figcaption').textContent;
    const marks = [...figure.querySelectorAll('svg.plot .dots, svg.plot [stroke^="var(--c"], svg.plot [fill^="var(--c"]')];
    const colours = new Set([...figure.querySelectorAll('.chart-key svg')].map((sign) => getComputedStyle(sign).stroke));
    return marks.map((mark) => {
      const style = getComputedStyle(mark);
      const paint = style.stroke === 'none' ? style.fill : style.stroke;
      const [r, g, b, alpha] = rgba(paint);
      const opacity = alpha * Number(style.opacity);
      const seen = [r, g, b].map((v, i) => opacity * v + (1 - opacity) * panel[i]);
      const [high, low] = [luminance(seen), luminance(panel)].sort((a, b) => b - a);
      return { title, contrast: (high + 0.05) / (low + 0.05), isInKey: colours.size === 0 || colours.has(paint) };
    });
  });
})();
