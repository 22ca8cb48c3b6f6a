// A small folder of people for the tests: coloured joints on a dark ground, COCO's layout.

import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

export const fewJoints = ['left_shoulder', 'right_shoulder', 'left_hip', 'right_hip', 'head_top'] as const;

/** Of `fewJoints`. */
export const jointColours = [
  [240, 60, 60],
  [60, 240, 60],
  [70, 90, 250],
  [240, 240, 60],
  [240, 70, 240],
];

/** One person an image, each joint a square of its own colour: something that can be learnt. */
export async function writePeopleFolder(folder: string, counts: { train: number; val: number }, width = 64, height = 72): Promise<void> {
  await mkdir(path.join(folder, 'images'), { recursive: true });
  for (const split of ['train', 'val'] as const) {
    const images: unknown[] = [];
    const annotations: unknown[] = [];
    for (let k = 0; k < counts[split]; k++) {
      const [left, top, size] = [8 + ((k * 5) % 14), 8 + ((k * 3) % 10), 36 + ((k * 7) % 8)];
      const at = (x: number, y: number): [number, number] => [Math.round(left + x * size), Math.round(top + y * size)];
      const joints = [at(0.9, 0.3), at(0.1, 0.3), at(0.75, 0.95), at(0.25, 0.95), at(0.5, 0.05)];
      const data = new Uint8Array(3 * width * height).fill(24);
      joints.forEach(([x, y], j) => {
        for (let dy = -3; dy <= 3; dy++)
          for (let dx = -3; dx <= 3; dx++) data.set(jointColours[j] ?? [0, 0, 0], 3 * ((y + dy) * width + x + dx));
      });
      const name = `${split}-${k}.png`;
      await sharp(data, { raw: { width, height, channels: 3 } }).toFile(path.join(folder, 'images', name));
      images.push({ id: k, file_name: name, width, height });
      annotations.push({
        id: k,
        image_id: k,
        category_id: 1,
        keypoints: joints.flatMap(([x, y]) => [x, y, 2]),
        num_keypoints: joints.length,
        bbox: [left, top, size, size],
        area: size * size,
        iscrowd: 0,
      });
    }
    const categories = [{ id: 1, name: 'person', keypoints: fewJoints, skeleton: [] }];
    await writeFile(path.join(folder, `${split}.json`), JSON.stringify({ images, annotations, categories }));
  }
}
