// From decoded samples to what the encoder takes: augmented, cropped.

import type { Random } from '../random/index.js';
import type { Labelling } from './dataset.js';
import { resizeImage, type RgbImage } from './image.js';
import { type DepthMap, type LabelMap, resizeDepths, resizeLabels, unlabelled } from './maps.js';
import { cropImage, cropPerson, noChange, type Person, planCrop } from './person.js';
import { mirrorOrder } from './sides.js';

/** What is known of an image: a label a pixel, a depth a pixel, or a person's joints. */
export type Truth = LabelMap | DepthMap | Person;

export interface LabelledImage {
  readonly image: RgbImage;
  readonly truth: Truth;
}

/** Random changes of colour, each factor uniform in 1 ± its value; torchvision's ColorJitter in this order. */
export interface ColourJitter {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
}

/** How an image becomes a sample of known size. */
export type Framing =
  /** Stretched to the size, in training perhaps mirrored. */
  | {
      readonly kind: 'resize';
      readonly width: number;
      readonly height: number;
      readonly mirror?: boolean | undefined;
      readonly jitter?: ColourJitter | undefined;
    }
  /** Shorter side resized to `side`, centre crop. */
  | { readonly kind: 'centre'; readonly side: number; readonly width: number; readonly height: number }
  /** Shorter side resized to `side` times a random scale, mirrored or not, random crop; outside: black, ignored. */
  | {
      readonly kind: 'random';
      readonly side: number;
      readonly width: number;
      readonly height: number;
      readonly scale: readonly [number, number];
      readonly mirror: boolean;
      readonly jitter?: ColourJitter | undefined;
    }
  /** A crop around a person's box; in training turned, scaled and mirrored at random. */
  | {
      readonly kind: 'person';
      readonly width: number;
      readonly height: number;
      /** The crop's size in units of the box's. */
      readonly padding: number;
      /** Up to so many degrees either way. */
      readonly rotation?: number | undefined;
      /** Uniform in 1 ± this. */
      readonly scale?: number | undefined;
      readonly mirror?: boolean | undefined;
      readonly jitter?: ColourJitter | undefined;
    };

type PersonFraming = Extract<Framing, { readonly kind: 'person' }>;
type MapFraming = Exclude<Framing, PersonFraming>;

/**
 * A sample as a network is given it: image and truth placed alike (resized, cropped, mirrored; a person cut out), then the image's
 * colours changed where the framing asks for that. What lies beyond a map is black in the image, ignored or not measured in the
 * truth. Depths are divided by the zoom: what is made larger is nearer.
 * @param random drawn from only where the framing leaves something to chance.
 */
export async function frame(sample: LabelledImage, framing: Framing, labelling: Labelling, random: Random): Promise<LabelledImage> {
  const framed = await place(sample, framing, labelling, random);
  const jitter = framing.kind === 'centre' ? undefined : framing.jitter;
  return jitter ? { ...framed, image: jitterColours(framed.image, jitter, random) } : framed;
}

async function place({ image, truth }: LabelledImage, framing: Framing, labelling: Labelling, random: Random): Promise<LabelledImage> {
  if ('joints' in truth) {
    if (framing.kind !== 'person' || labelling.kind !== 'joints') throw new RangeError(`people framed as ${framing.kind}`);
    return placePerson(image, truth, framing, mirrorOrder(labelling.joints, labelling.mirrorPairs), random);
  }
  if (framing.kind === 'person') throw new RangeError('a map framed as a person');
  if ('metres' in truth) return placeMap(image, truth, framing, depthFrames, random);
  if (labelling.kind !== 'masks') throw new RangeError(`labels among samples of ${labelling.kind}`);
  return placeMap(image, truth, framing, labelFrames(mirrorOrder(labelling.classes, labelling.mirrorPairs)), random);
}

function placePerson(image: RgbImage, person: Person, framing: PersonFraming, order: readonly number[], random: Random): LabelledImage {
  const { rotation = 0, scale = 0, mirror = false } = framing;
  const changes = rotation > 0 || scale > 0 || mirror;
  const uniform = (): number => 2 * random.next() - 1;
  const change = changes
    ? { angle: (uniform() * rotation * Math.PI) / 180, scale: 1 + scale * uniform(), mirrored: mirror && random.next() < 0.5 }
    : noChange;
  const plan = planCrop(person.box, framing, change);
  return { image: cropImage(image, plan), truth: cropPerson(person, plan, order, changes) };
}

/** How maps of one kind are resized and cropped. */
interface MapFrames<M extends LabelMap | DepthMap> {
  /** @param zoom of the augmentation: what is made larger is nearer */
  readonly resize: (map: M, width: number, height: number, zoom: number) => M;
  readonly crop: (map: M, window: Window, mirrored: boolean) => M;
}

/** @param order of `mirrorOrder`: mirrored, a left arm is a right one */
function labelFrames(order: readonly number[]): MapFrames<LabelMap> {
  return {
    resize: resizeLabels,
    crop: ({ width, height, data }, window, mirrored) => {
      const beyond = new Uint8Array(window.width * window.height).fill(unlabelled);
      const cut = cropValues(data, { width, height }, window, mirrored, beyond);
      return { width: window.width, height: window.height, data: mirrored ? cut.map((label) => order[label] ?? label) : cut };
    },
  };
}

const depthFrames: MapFrames<DepthMap> = {
  // Eigen et al., arXiv 1406.2283, section 3.4: scaled by s, depths are divided by s.
  resize: (map, width, height, zoom) => {
    const resized = resizeDepths(map, width, height);
    return zoom === 1 ? resized : { ...resized, metres: resized.metres.map((metres) => metres / zoom) };
  },
  crop: ({ width, height, metres }, window, mirrored) => ({
    width: window.width,
    height: window.height,
    metres: cropValues(metres, { width, height }, window, mirrored, new Float32Array(window.width * window.height)),
  }),
};

async function placeMap<M extends LabelMap | DepthMap>(
  image: RgbImage,
  map: M,
  framing: MapFraming,
  frames: MapFrames<M>,
  random: Random,
): Promise<{ image: RgbImage; truth: M }> {
  const { width, height } = framing;
  if (framing.kind === 'resize') {
    const resized = { image: await resizeImage(image, width, height), truth: frames.resize(map, width, height, 1) };
    if (!framing.mirror || random.next() >= 0.5) return resized;
    const all = { left: 0, top: 0, width, height };
    return { image: crop(resized.image, all, true), truth: frames.crop(resized.truth, all, true) };
  }
  const [low, high] = framing.kind === 'random' ? framing.scale : [1, 1];
  const zoom = low + (high - low) * random.next();
  const factor = (zoom * framing.side) / Math.min(image.width, image.height);
  const [w, h] = [Math.round(image.width * factor), Math.round(image.height * factor)];
  const offset = (size: number, wanted: number): number =>
    framing.kind === 'centre'
      ? Math.floor((size - wanted) / 2)
      : size > wanted
        ? random.integer(size - wanted + 1)
        : -random.integer(wanted - size + 1);
  const window = { left: offset(w, width), top: offset(h, height), width, height };
  const mirrored = framing.kind === 'random' && framing.mirror && random.next() < 0.5;
  return {
    image: crop(await resizeImage(image, w, h), window, mirrored),
    truth: frames.crop(frames.resize(map, w, h, zoom), window, mirrored),
  };
}

/** Grey as ITU-R 601 weighs it. */
function luma(r: number, g: number, b: number): number {
  return 0.299 * r + 0.587 * g + 0.114 * b;
}

function jitterColours({ width, height, data }: RgbImage, { brightness, contrast, saturation }: ColourJitter, random: Random): RgbImage {
  const factor = (strength: number): number => 1 + strength * (2 * random.next() - 1);
  const [b, c, s] = [factor(brightness), factor(contrast), factor(saturation)];
  let total = 0;
  for (let i = 0; i < data.length; i += 3) total += luma(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0);
  // Contrast is about the brightened image's mean grey: v ↦ c(bv − mean) + mean, which keeps greys grey.
  const mean = (b * total) / (width * height);
  const [gain, lift] = [c * b, (1 - c) * mean];
  const jittered = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const red = gain * (data[i] ?? 0) + lift;
    const green = gain * (data[i + 1] ?? 0) + lift;
    const blue = gain * (data[i + 2] ?? 0) + lift;
    const grey = (1 - s) * luma(red, green, blue);
    jittered[i] = s * red + grey;
    jittered[i + 1] = s * green + grey;
    jittered[i + 2] = s * blue + grey;
  }
  return { width, height, data: new Uint8Array(jittered.buffer) };
}

interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A window of the image, which may reach beyond it (black there), mirrored if wanted. */
function crop({ data, ...size }: RgbImage, window: Window, mirrored: boolean): RgbImage {
  const { width, height } = window;
  const pixels = new Uint8Array(width * height * 3);
  eachInside(size, window, mirrored, (to, from) => {
    pixels[3 * to] = data[3 * from] ?? 0;
    pixels[3 * to + 1] = data[3 * from + 1] ?? 0;
    pixels[3 * to + 2] = data[3 * from + 2] ?? 0;
  });
  return { width, height, data: pixels };
}

/** @param cut where the values go; what it holds stays beyond the map */
function cropValues<T extends Uint8Array | Float32Array>(
  values: T,
  size: { readonly width: number; readonly height: number },
  window: Window,
  mirrored: boolean,
  cut: T,
): T {
  eachInside(size, window, mirrored, (to, from) => {
    cut[to] = values[from] ?? 0;
  });
  return cut;
}

function eachInside(
  size: { readonly width: number; readonly height: number },
  { left, top, width, height }: Window,
  mirrored: boolean,
  visit: (to: number, from: number) => void,
): void {
  for (let y = 0; y < height; y++) {
    const sy = y + top;
    if (sy < 0 || sy >= size.height) continue;
    for (let x = 0; x < width; x++) {
      const sx = left + (mirrored ? width - 1 - x : x);
      if (sx >= 0 && sx < size.width) visit(y * width + x, sy * size.width + sx);
    }
  }
}
