// An exported model of masks on one photograph, with ONNX Runtime and sharp alone; docs/inference.md says what is done.
//   node docs/plain-onnx.js model.onnx photo.jpg mask.png

import { readFile } from 'node:fs/promises';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

const [modelFile, photo, maskFile] = process.argv.slice(2);
const model = await readFile(modelFile);
const metadata = metadataOf(model);
const { validated, background } = JSON.parse(metadata.task);
const { mean, std } = JSON.parse(metadata.normalisation);

// Upright, in sRGB, laid over the model's background; without one, the colours under transparency as they are.
const [r, g, b] = background ?? [];
const turned = sharp(photo).autoOrient();
const upright = await (background ? turned.flatten({ background: { r, g, b } }) : turned)
  .toColourspace('srgb')
  .removeAlpha()
  .raw()
  .toBuffer({ resolveWithObject: true });
const { width, height, channels } = upright.info;
const factor = validated.side / Math.min(width, height);
const [w, h] =
  validated.kind === 'resize' ? [validated.width, validated.height] : [Math.round(width * factor), Math.round(height * factor)];
const pixels = await sharp(upright.data, { raw: { width, height, channels } })
  .resize(w, h, { fit: 'fill', kernel: 'linear' })
  .raw()
  .toBuffer();
const planes = Float32Array.from({ length: 3 * w * h }, (_, i) => {
  const [c, pixel] = [Math.floor(i / (w * h)), i % (w * h)];
  return (pixels[pixel * channels + (channels < 3 ? 0 : c)] / 255 - mean[c]) / std[c];
});

const session = await InferenceSession.create(model);
const { logits } = await session.run({ [metadata.input_name]: new Tensor('float32', planes, [1, 3, h, w]) });
const [, classes, rows, columns] = logits.dims;

// The class of the largest logit, which is interpolated at the photograph's pixels.
const place = (i, from, to) => {
  const at = Math.max(0, ((i + 0.5) * from) / to - 0.5);
  return [Math.floor(at), Math.min(Math.floor(at) + 1, from - 1), at - Math.floor(at)];
};
const labels = new Uint8Array(width * height);
for (let y = 0; y < height; y++)
  for (let x = 0; x < width; x++) {
    const [[top, bottom, v], [left, right, u]] = [place(y, rows, height), place(x, columns, width)];
    let best = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) {
      const at = (row, column) => logits.data[(c * rows + row) * columns + column];
      const value = (1 - v) * ((1 - u) * at(top, left) + u * at(top, right)) + v * ((1 - u) * at(bottom, left) + u * at(bottom, right));
      if (value > best) [best, labels[y * width + x]] = [value, c];
    }
  }
await sharp(labels, { raw: { width, height, channels: 1 } })
  .toColourspace('b-w')
  .png()
  .toFile(maskFile);

/** The key-value pairs of an ONNX file: field 14 of its outermost message. */
function metadataOf(bytes) {
  const reader = new BinaryReader(bytes);
  const found = {};
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field !== 14) {
      reader.skip(wire, field);
      continue;
    }
    const pair = new BinaryReader(reader.bytes());
    const texts = {};
    while (pair.pos < pair.len) texts[pair.tag()[0]] = pair.string();
    found[texts[1]] = texts[2];
  }
  return found;
}
