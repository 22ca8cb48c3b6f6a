// A model in one's own program, in some lines each. docs/deploy.md shows the same, and the tests run what stands here.

import type { Rgb } from '../data/palette.js';
import { type MapSize, type TaskName, taskTraits } from '../task/index.js';

export interface UsageExample {
  /** npm's name of what runs it. */
  readonly name: 'auxcell' | 'onnxruntime-node' | 'onnxruntime-web' | '@huggingface/transformers';
  readonly title: string;
  /** What has to be there, in a sentence. */
  readonly needs: string;
  readonly language: 'js' | 'html';
  readonly code: string;
}

export interface UsageOptions {
  readonly task: TaskName;
  /** At which the network sees pictures; for pose its crop. */
  readonly size: MapSize;
  /** What transparent pictures are laid over; absent: alpha is left out. */
  readonly background?: Rgb | undefined;
}

/**
 * Of a model that takes raw RGB and, but for pose, gives its output at the image's size: `model.onnx` of `fit`, the dashboard's
 * download, `export --upsample --normalise`. The picture is `photo.png`.
 */
export function usageExamples({ task, size, background }: UsageOptions): readonly UsageExample[] {
  const own: readonly UsageExample[] = [
    { name: 'auxcell', title: 'Node.js, this library', needs: 'npm install auxcell sharp', language: 'js', code: library[task] },
    {
      name: 'onnxruntime-node',
      title: 'Node.js',
      needs: 'npm install onnxruntime-node sharp',
      language: 'js',
      code: nodeExample(task, size, background),
    },
    {
      name: 'onnxruntime-web',
      title: 'A browser',
      needs: 'the folder dist of the npm package onnxruntime-web, served as ort/',
      language: 'html',
      code: pageExample(task, size, background),
    },
  ];
  if (!taskTraits[task].isInTransformers) return own;
  return [
    ...own,
    {
      name: '@huggingface/transformers',
      title: 'transformers.js',
      needs: 'npm install @huggingface/transformers; in models/mine the model as a folder for transformers.js',
      language: 'js',
      code: transformersExample(background),
    },
  ];
}

/** Written so that nobody takes it for an import of this file. */
function imported(what: string, from: string): string {
  return ['import', what, 'from', `'${from}';`].join(' ');
}

const library: Readonly<Record<TaskName, string>> = {
  segmentation: `${imported('{ openModel }', 'auxcell')}
${imported('sharp', 'sharp')}

const model = await openModel('model.onnx');
const seen = await model.predict('photo.png');
await model.close();
if (seen.kind === 'labels') {
  const { width, height, data } = seen; // a label a pixel
  await sharp(data, { raw: { width, height, channels: 1 } }).toColourspace('b-w').png().toFile('labels.png');
}
`,
  depth: `${imported('{ openModel }', 'auxcell')}

const model = await openModel('model.onnx');
const seen = await model.predict('photo.png');
await model.close();
if (seen.kind === 'depth') {
  const { width, height, metres } = seen;
  console.log(\`\${metres[Math.floor(height / 2) * width + Math.floor(width / 2)].toFixed(3)} m in the middle\`);
}
`,
  pose: `${imported('{ openModel }', 'auxcell')}

const model = await openModel('model.onnx');
const seen = await model.predict('photo.png');
const { task } = model.card;
await model.close();
if (seen.kind === 'joints' && task.task === 'pose') {
  task.joints.forEach((joint, k) => {
    const [x, y, score] = seen.joints.subarray(3 * k, 3 * k + 3);
    console.log(joint, x.toFixed(1), y.toFixed(1), score.toFixed(3));
  });
}
`,
};

/** A line of sharp's that brings a picture to RGB. */
function withoutAlpha(background: Rgb | undefined): string {
  if (!background) return '.removeAlpha()';
  const [r, g, b] = background;
  return `.flatten({ background: { r: ${r}, g: ${g}, b: ${b} } })`;
}

function nodeExample(task: TaskName, { width, height }: MapSize, background: Rgb | undefined): string {
  return `${imported('{ InferenceSession, Tensor }', 'onnxruntime-node')}
${imported('sharp', 'sharp')}

const [width, height] = [${width}, ${height}];
const pixels = await sharp('photo.png')${withoutAlpha(background)}.resize(width, height, { fit: 'fill' }).raw().toBuffer();
const area = width * height;
const planes = Float32Array.from({ length: 3 * area }, (_, i) => pixels[3 * (i % area) + Math.floor(i / area)]);

const session = await InferenceSession.create('model.onnx');
const { logits } = await session.run({ image: new Tensor('float32', planes, [1, 3, height, width]) });

${nodeEnd[task]}`;
}

const nodeEnd: Readonly<Record<TaskName, string>> = {
  segmentation: `const labels = Buffer.alloc(area);
for (let p = 0; p < area; p++) {
  let best = 0;
  for (let c = 1; c < logits.dims[1]; c++) if (logits.data[c * area + p] > logits.data[best * area + p]) best = c;
  labels[p] = best;
}
await sharp(labels, { raw: { width, height, channels: 1 } }).toColourspace('b-w').png().toFile('labels.png');
`,
  depth: `const metres = logits.data;
console.log(\`\${metres[Math.floor(height / 2) * width + Math.floor(width / 2)].toFixed(3)} m in the middle\`);
`,
  pose: `const [, joints, rows, columns] = logits.dims;
for (let k = 0; k < joints; k++) {
  const map = logits.data.subarray(k * rows * columns, (k + 1) * rows * columns);
  const best = map.reduce((top, value, i) => (value > map[top] ? i : top), 0);
  const [x, y] = [best % columns, Math.floor(best / columns)];
  console.log(\`joint \${k}: \${((x + 0.5) / columns).toFixed(3)} of the width, \${((y + 0.5) / rows).toFixed(3)} of the height\`);
}
`,
};

function pageExample(task: TaskName, { width, height }: MapSize, background: Rgb | undefined): string {
  const under = background
    ? `
  canvas.fillStyle = 'rgb(${background.join(' ')})';
  canvas.fillRect(0, 0, width, height);`
    : '';
  return `<canvas id="${pageCanvas[task]}" width="${width}" height="${height}"></canvas>
<script type="module">
  ${imported('* as ort', './ort/ort.wasm.min.mjs')}

  const [width, height] = [${width}, ${height}];
  const area = width * height;
  const photo = await createImageBitmap(await (await fetch('photo.png')).blob());
  const canvas = new OffscreenCanvas(width, height).getContext('2d');${under}
  canvas.drawImage(photo, 0, 0, width, height);
  const { data: pixels } = canvas.getImageData(0, 0, width, height);
  const planes = Float32Array.from({ length: 3 * area }, (_, i) => pixels[4 * (i % area) + Math.floor(i / area)]);

  const session = await ort.InferenceSession.create('model.onnx', { executionProviders: ['wasm'] });
  const { logits } = await session.run({ image: new ort.Tensor('float32', planes, [1, 3, height, width]) });

${pageEnd[task]}  document.title = 'done';
</script>
`;
}

const pageCanvas: Readonly<Record<TaskName, string>> = { segmentation: 'labels', depth: 'depth', pose: 'joints' };

const pageEnd: Readonly<Record<TaskName, string>> = {
  segmentation: `  const seen = new ImageData(width, height);
  for (let p = 0; p < area; p++) {
    let best = 0;
    for (let c = 1; c < logits.dims[1]; c++) if (logits.data[c * area + p] > logits.data[best * area + p]) best = c;
    seen.data.set([best, best, best, 255], 4 * p);
  }
  document.querySelector('#labels').getContext('2d').putImageData(seen, 0, 0);
`,
  depth: `  const farthest = logits.data.reduce((most, metres) => Math.max(most, metres), 0);
  const seen = new ImageData(width, height);
  logits.data.forEach((metres, p) => {
    const grey = 255 * (1 - metres / farthest);
    seen.data.set([grey, grey, grey, 255], 4 * p);
  });
  document.querySelector('#depth').getContext('2d').putImageData(seen, 0, 0);
`,
  pose: `  const drawing = document.querySelector('#joints').getContext('2d');
  drawing.drawImage(photo, 0, 0, width, height);
  const [, joints, rows, columns] = logits.dims;
  for (let k = 0; k < joints; k++) {
    const map = logits.data.subarray(k * rows * columns, (k + 1) * rows * columns);
    const best = map.reduce((top, value, i) => (value > map[top] ? i : top), 0);
    const [x, y] = [best % columns, Math.floor(best / columns)];
    drawing.fillRect(((x + 0.5) / columns) * width - 3, ((y + 0.5) / rows) * height - 3, 6, 6);
  }
`,
};

function transformersExample(background: Rgb | undefined): string {
  // It leaves alpha out itself.
  const prepared = background ? `await sharp('photo.png')${withoutAlpha(background)}.toFile('opaque.png');\n` : '';
  return `${imported('{ env, pipeline }', '@huggingface/transformers')}${background ? `\n${imported('sharp', 'sharp')}` : ''}

env.allowRemoteModels = false;
env.localModelPath = './models/';
const segment = await pipeline('image-segmentation', 'mine', { dtype: 'fp32' });
${prepared}for (const { label, mask } of await segment('${background ? 'opaque' : 'photo'}.png')) {
  const share = mask.data.reduce((n, value) => n + (value > 0 ? 1 : 0), 0) / mask.data.length;
  console.log(label, \`\${(100 * share).toFixed(1)} %\`);
  await mask.save(\`\${label}.png\`);
}
await segment.dispose();
`;
}
