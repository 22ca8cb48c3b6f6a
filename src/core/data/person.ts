// A person with joints, and the crop through which a pose network sees them (Xiao et al., "Simple Baselines for Human
// Pose Estimation and Tracking", arXiv 1804.06208, section 2: a box of fixed aspect, rotated, scaled, mirrored).
//
// Coordinates are indices of pixels: a pixel's centre is a whole number.

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Person {
  readonly box: Box;
  /** [x, y, visible] a joint, in the image at hand. */
  readonly joints: Float32Array;
  /** Of the body, in pixels² of the original image: the scale of COCO's OKS. */
  readonly area: number;
  /** MPII's: 0.6 times the diagonal of the head's box, in pixels of the original image; 0 where it is not known. */
  readonly headSize: number;
  /** The longer side of the person's box, in pixels of the original image. */
  readonly boxSize: number;
  /** Number of the image in its list: a photograph may show several people. */
  readonly image: number;
  /** The original image's pixels are `scale` · (these) + (left, top). */
  readonly original: { readonly scale: number; readonly left: number; readonly top: number };
}

/** The size of a crop, and by how much it is larger than the box (1.25 in the literature). */
export interface CropSize {
  readonly width: number;
  readonly height: number;
  readonly padding: number;
}

/** How a crop lies in its image. */
export interface CropPlan {
  readonly width: number;
  readonly height: number;
  /** Centre in the image. */
  readonly x: number;
  readonly y: number;
  /** Pixels of the crop per pixel of the image. */
  readonly scale: number;
  /** Radians, clockwise as seen. */
  readonly angle: number;
  readonly mirrored: boolean;
}

export interface CropChange {
  /** Factor of the box's size. */
  readonly scale: number;
  readonly angle: number;
  readonly mirrored: boolean;
}

export const noChange: CropChange = { scale: 1, angle: 0, mirrored: false };

/** The whole picture as a box, for a person who fills it. */
function wholeImage({ width, height }: { readonly width: number; readonly height: number }): Box {
  return { left: 0, top: 0, width, height };
}

/** The smallest crop of the wanted aspect that holds the box, enlarged by the padding. */
export function planCrop(box: Box, { width, height, padding }: CropSize, { scale, angle, mirrored } = noChange): CropPlan {
  return {
    width,
    height,
    x: box.left + (box.width - 1) / 2,
    y: box.top + (box.height - 1) / 2,
    scale: Math.min(width / box.width, height / box.height) / (padding * scale),
    angle,
    mirrored,
  };
}

/**
 * How a model looks at one person of a picture.
 * @param box around them; without one, they fill the picture
 */
export function planPerson(
  image: { readonly width: number; readonly height: number },
  box: Box | undefined,
  { crop: [width, height], padding }: { readonly crop: readonly [number, number]; readonly padding: number },
): CropPlan {
  return planCrop(box ?? wholeImage(image), { width, height, padding: box ? padding : 1 });
}

/** Joints of a crop, [x, y, score] each, in the image's pixels. */
export function jointsInImage(joints: Float32Array, plan: CropPlan): Float32Array {
  const moved = new Float32Array(joints);
  for (let k = 0; k < moved.length; k += 3) moved.set(fromCrop(plan, moved[k] ?? 0, moved[k + 1] ?? 0), k);
  return moved;
}

/** Where a point of the image lies in the crop. */
export function toCrop({ width, height, x, y, scale, angle, mirrored }: CropPlan, px: number, py: number): [number, number] {
  const [c, s] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
  const u = (width - 1) / 2 + c * (px - x) - s * (py - y);
  return [mirrored ? width - 1 - u : u, (height - 1) / 2 + s * (px - x) + c * (py - y)];
}

/** Where a point of the crop lies in the image. */
export function fromCrop({ width, height, x, y, scale, angle, mirrored }: CropPlan, u: number, v: number): [number, number] {
  const [c, s] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const du = (mirrored ? width - 1 - u : u) - (width - 1) / 2;
  const dv = v - (height - 1) / 2;
  return [x + c * du + s * dv, y - s * du + c * dv];
}

/**
 * The person as the crop shows them.
 * @param order of `mirrorOrder`: mirrored, a left hand is a right one
 * @param hideOutside joints beyond the crop count as not visible
 */
export function cropPerson(person: Person, plan: CropPlan, order: readonly number[], hideOutside: boolean): Person {
  const { joints, original } = person;
  const moved = new Float32Array(joints.length);
  order.forEach((twin, k) => {
    const from = 3 * (plan.mirrored ? twin : k);
    const [u, v] = toCrop(plan, joints[from] ?? 0, joints[from + 1] ?? 0);
    const isInside = u >= 0 && v >= 0 && u <= plan.width - 1 && v <= plan.height - 1;
    moved.set([u, v, hideOutside && !isInside ? 0 : (joints[from + 2] ?? 0)], 3 * k);
  });
  const [left, top] = fromCrop({ ...plan, angle: 0, mirrored: false }, 0, 0);
  return {
    ...person,
    joints: moved,
    box: { left: 0, top: 0, width: plan.width, height: plan.height },
    original: {
      scale: original.scale / plan.scale,
      left: original.scale * left + original.left,
      top: original.scale * top + original.top,
    },
  };
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Interleaved RGB. */
  readonly data: Uint8Array;
}

/** The crop's pixels, bilinear; black beyond the image. What becomes much smaller is averaged first. */
export function cropImage(image: Pixels, plan: CropPlan): Pixels {
  if (plan.scale < 0.5 && image.width > 1 && image.height > 1) {
    const half = halved(image);
    return cropImage(half, { ...plan, x: (plan.x - 0.5) / 2, y: (plan.y - 0.5) / 2, scale: 2 * plan.scale });
  }
  const { width, height } = plan;
  const data = new Uint8Array(3 * width * height);
  const [x0, y0] = fromCrop(plan, 0, 0);
  const [x1, y1] = fromCrop(plan, 1, 0);
  const [x2, y2] = fromCrop(plan, 0, 1);
  for (let v = 0; v < height; v++)
    for (let u = 0; u < width; u++) {
      const x = x0 + u * (x1 - x0) + v * (x2 - x0);
      const y = y0 + u * (y1 - y0) + v * (y2 - y0);
      const [i, j] = [Math.floor(x), Math.floor(y)];
      if (i < -1 || j < -1 || i >= image.width || j >= image.height) continue;
      const [a, b] = [x - i, y - j];
      const to = 3 * (v * width + u);
      for (let c = 0; c < 3; c++) {
        const top = (1 - a) * at(image, i, j, c) + a * at(image, i + 1, j, c);
        const bottom = (1 - a) * at(image, i, j + 1, c) + a * at(image, i + 1, j + 1, c);
        data[to + c] = Math.round((1 - b) * top + b * bottom);
      }
    }
  return { width, height, data };
}

function at({ width, height, data }: Pixels, x: number, y: number, channel: number): number {
  return x < 0 || y < 0 || x >= width || y >= height ? 0 : (data[3 * (y * width + x) + channel] ?? 0);
}

/** Every second pixel, the mean of four. */
function halved(image: Pixels): Pixels {
  const [width, height] = [image.width >> 1, image.height >> 1];
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        const [i, j] = [2 * x, 2 * y];
        const sum = at(image, i, j, c) + at(image, i + 1, j, c) + at(image, i, j + 1, c) + at(image, i + 1, j + 1, c);
        data[3 * (y * width + x) + c] = (sum + 2) >> 2;
      }
  return { width, height, data };
}
