// Object keypoint similarity and the average precision over it, as COCO defines them
// (https://cocodataset.org/#keypoints-eval) and pycocotools computes them: detections are matched greedily to people, image by
// image, best score first; precision is interpolated at 101 recalls and averaged over ten thresholds of OKS.

import { plainName } from '../data/sides.js';

export interface KnownPerson {
  /** [x, y, visible] a joint. */
  readonly joints: Float32Array;
  /** Pixels². */
  readonly area: number;
  readonly image: number;
}

export interface Detection {
  /** [x, y, score] a joint. */
  readonly joints: Float32Array;
  readonly score: number;
  readonly image: number;
}

/** Standard deviations by kind of joint, in units of the body's scale: how exactly people mark it. */
const sigmaOf: Readonly<Record<string, number>> = {
  nose: 0.026,
  eye: 0.025,
  ear: 0.035,
  shoulder: 0.079,
  elbow: 0.072,
  wrist: 0.062,
  hip: 0.107,
  knee: 0.087,
  ankle: 0.089,
};

/** Undefined where COCO has no figure for one of the joints, whose sides may be written in any way. */
export function oksSigmas(joints: readonly string[]): number[] | undefined {
  const sigmas = joints.flatMap((name) => sigmaOf[plainName(name).replace(/^(left|right)_/, '')] ?? []);
  return sigmas.length === joints.length ? sigmas : undefined;
}

/** Mean over the person's visible joints of exp(−d² / (2 · area · (2σ)²)). */
export function oks(found: Float32Array, person: KnownPerson, sigmas: readonly number[]): number {
  let [sum, visible] = [0, 0];
  sigmas.forEach((sigma, k) => {
    if (!((person.joints[3 * k + 2] ?? 0) > 0)) return;
    const dx = (found[3 * k] ?? 0) - (person.joints[3 * k] ?? 0);
    const dy = (found[3 * k + 1] ?? 0) - (person.joints[3 * k + 1] ?? 0);
    sum += Math.exp(-(dx * dx + dy * dy) / ((2 * sigma) ** 2 * (person.area + epsilon) * 2));
    visible++;
  });
  return visible === 0 ? 0 : sum / visible;
}

/** numpy.spacing(1), which pycocotools adds to denominators. */
const epsilon = 2 ** -52;
/** numpy.linspace, to the last bit: recalls are compared with these. */
function linspace(first: number, last: number, count: number): number[] {
  const step = (last - first) / (count - 1);
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? last : i * step + first));
}

const thresholds = linspace(0.5, 0.95, 10);
const recallPoints = linspace(0, 1, 101);
const mostDetections = 20;

const ranges = { all: [0, 1e10], medium: [32 ** 2, 96 ** 2], large: [96 ** 2, 1e10] } as const;
type Range = readonly [number, number];

export interface OksFigures {
  readonly oksAP: number | undefined;
  readonly oksAP50: number | undefined;
  readonly oksAP75: number | undefined;
  readonly oksAPmedium: number | undefined;
  readonly oksAPlarge: number | undefined;
  readonly oksAR: number | undefined;
}

/** Undefined where there is nobody of that size. */
export function evaluateOks(people: readonly KnownPerson[], detections: readonly Detection[], sigmas: readonly number[]): OksFigures {
  const images = byImage(people, detections, sigmas);
  const [all, medium, large] = [ranges.all, ranges.medium, ranges.large].map((range) => precision(images, range));
  const at = (threshold: number): number | undefined => all?.precisions[thresholds.findIndex((t) => Math.abs(t - threshold) < 1e-9)];
  return {
    oksAP: mean(all?.precisions),
    oksAP50: at(0.5),
    oksAP75: at(0.75),
    oksAPmedium: mean(medium?.precisions),
    oksAPlarge: mean(large?.precisions),
    oksAR: mean(all?.recalls),
  };
}

function mean(values: readonly number[] | undefined): number | undefined {
  return values && values.reduce((a, b) => a + b, 0) / values.length;
}

interface ImageOfPeople {
  readonly people: readonly KnownPerson[];
  /** Best first. */
  readonly detections: readonly Detection[];
  /** similarity[detection][person] */
  readonly similarity: readonly (readonly number[])[];
}

function byImage(people: readonly KnownPerson[], detections: readonly Detection[], sigmas: readonly number[]): ImageOfPeople[] {
  const numbers = [...new Set([...people, ...detections].map(({ image }) => image))].toSorted((a, b) => a - b);
  return numbers.map((number) => {
    const here = people.filter(({ image }) => image === number);
    const best = detections
      .filter(({ image }) => image === number)
      .toSorted((a, b) => b.score - a.score)
      .slice(0, mostDetections);
    return { people: here, detections: best, similarity: best.map(({ joints }) => here.map((person) => oks(joints, person, sigmas))) };
  });
}

interface Judged {
  readonly score: number;
  /** A hit, a miss, or not counted: its person is of another size. */
  readonly verdict: 'hit' | 'miss' | 'ignored';
}

/** By threshold: average precision, and the largest recall. Undefined where nobody is in the range. */
function precision(images: readonly ImageOfPeople[], range: Range): { precisions: number[]; recalls: number[] } | undefined {
  const counted = images.reduce((n, { people }) => n + people.filter(({ area }) => inRange(area, range)).length, 0);
  if (counted === 0) return undefined;
  const [precisions, recalls]: [number[], number[]] = [[], []];
  for (const threshold of thresholds) {
    const judged = images.flatMap((image) => judge(image, threshold, range)).filter(({ verdict }) => verdict !== 'ignored');
    const order = judged.toSorted((a, b) => b.score - a.score);
    let hits = 0;
    const curve = order.map(({ verdict }, i) => {
      if (verdict === 'hit') hits++;
      return { recall: hits / counted, precision: hits / (i + 1 + epsilon) };
    });
    const envelope = curve.map(({ precision: p }) => p);
    for (let i = envelope.length - 2; i >= 0; i--) envelope[i] = Math.max(envelope[i] ?? 0, envelope[i + 1] ?? 0);
    const interpolated = recallPoints.map((recall) => {
      const first = curve.findIndex((point) => point.recall >= recall);
      return first < 0 ? 0 : (envelope[first] ?? 0);
    });
    precisions.push(mean(interpolated) ?? 0);
    recalls.push(curve.at(-1)?.recall ?? 0);
  }
  return { precisions, recalls };
}

function judge({ people, detections, similarity }: ImageOfPeople, threshold: number, range: Range): Judged[] {
  // Those that count come first, and keep their order.
  const order = people.map((_, g) => g).toSorted((a, b) => Number(!counts(a)) - Number(!counts(b)));
  const taken = new Set<number>();
  function counts(g: number): boolean {
    return inRange(people[g]?.area ?? 0, range);
  }
  return detections.map(({ joints, score }, d) => {
    let best = Math.min(threshold, 1 - 1e-10);
    let match = -1;
    for (const g of order) {
      if (taken.has(g)) continue;
      // A match that counts is not given up for one that does not.
      if (match >= 0 && counts(match) && !counts(g)) break;
      const s = similarity[d]?.[g] ?? 0;
      if (s < best) continue;
      best = s;
      match = g;
    }
    if (match < 0) return { score, verdict: inRange(extent(joints), range) ? 'miss' : 'ignored' };
    taken.add(match);
    return { score, verdict: counts(match) ? 'hit' : 'ignored' };
  });
}

function inRange(area: number, [low, high]: Range): boolean {
  return area >= low && area <= high;
}

/** Area of the joints' bounding box. */
function extent(joints: Float32Array): number {
  const [xs, ys] = [0, 1].map((c) => Array.from(joints).filter((_, i) => i % 3 === c));
  const span = (values: readonly number[] = []): number => Math.max(...values) - Math.min(...values);
  return span(xs) * span(ys);
}
