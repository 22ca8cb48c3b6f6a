// How many joints are found: PCK of the torso (Yang & Ramanan; LSP), PCKh (Andriluka et al.; MPII), PCK of the box (any
// skeleton: hands and animals, as mmpose measures them), and COCO's OKS AP.

import type { Person } from '../data/person.js';
import { plainName } from '../data/sides.js';
import type { PoseDescription } from './description.js';
import { decodeHeatmaps } from './heatmaps.js';
import { type Detection, evaluateOks, type KnownPerson, oksSigmas } from './oks.js';
import type { Breakdown, MapShape, MetricAccumulator, Metrics } from './task.js';

/** A joint is found within this share of the torso's length, of the head's, of the longer side of the box. */
const pckThreshold = 0.2;
const pckhThreshold = 0.5;
const pckBoxThreshold = 0.2;
const strictBoxThreshold = 0.05;

export const poseMeasures = ['pck', 'pckh', 'pckBox', 'oksAP'] as const;

/** What a search of poses may be rewarded by. */
export type PoseMeasure = (typeof poseMeasures)[number];

/** Of a sample's target: rows of three numbers behind the joints, for the metrics. */
export const extraRows = 3;

/** The torso's length is between the first two of these that are both to be seen; someone without any is not counted. */
const torsoEnds = [
  ['left_shoulder', 'right_hip'],
  ['right_shoulder', 'left_hip'],
  ['left_shoulder', 'left_hip'],
  ['right_shoulder', 'right_hip'],
] as const;

const headEnds = ['upper_neck', 'head_top'] as const;

/** What measuring depends on. */
type Measured = Pick<PoseDescription, 'joints' | 'sigmas'>;

/**
 * Which of a pose's figures can be measured. `Shoulder_L` is a `left_shoulder` here, and so on.
 * @param hasHeads whether the truth knows the sizes of heads
 */
export function measurablePose({ joints, sigmas }: Measured, hasHeads: boolean): PoseMeasure[] {
  const plain = joints.map(plainName);
  const known = (ends: readonly string[]): boolean => ends.every((name) => plain.includes(name));
  return [
    ...(torsoEnds.some(known) ? (['pck'] as const) : []),
    ...(hasHeads || known(headEnds) ? (['pckh'] as const) : []),
    'pckBox',
    ...(sigmas || oksSigmas(joints) ? (['oksAP'] as const) : []),
  ];
}

/** Whether this person counts in a figure. */
export function canBeMeasured(
  { joints, headSize, boxSize }: Pick<Person, 'joints' | 'headSize' | 'boxSize'>,
  measure: PoseMeasure,
  names: readonly string[],
): boolean {
  const plain = names.map(plainName);
  switch (measure) {
    case 'pck':
      return torsoOf(joints, plain) !== undefined;
    case 'pckh':
      return headSize > 0 || between(joints, plain, ...headEnds) !== undefined;
    case 'pckBox':
      return boxSize > 0;
    case 'oksAP':
      return true;
  }
}

/** The torso's length. @param names as COCO writes them */
function torsoOf(joints: Float32Array, names: readonly string[]): number | undefined {
  return torsoEnds.reduce<number | undefined>((known, [a, b]) => known ?? between(joints, names, a, b), undefined);
}

/** Distance of two joints that are both to be seen. */
function between(joints: Float32Array, names: readonly string[], a: string, b: string): number | undefined {
  const [i, j] = [3 * names.indexOf(a), 3 * names.indexOf(b)];
  if (i < 0 || j < 0 || !joints[i + 2] || !joints[j + 2]) return undefined;
  const distance = Math.hypot((joints[i] ?? 0) - (joints[j] ?? 0), (joints[i + 1] ?? 0) - (joints[j + 1] ?? 0));
  return distance > 0 ? distance : undefined;
}

/** Without a preset to say it: PCK of the torso where there is one, else what goes with any skeleton. */
export function defaultMeasure(pose: Measured): PoseMeasure {
  return measurablePose(pose, false).includes('pck') ? 'pck' : 'pckBox';
}

/** Not counted in MPII's mean. */
const uncountedInPckh: ReadonlySet<string> = new Set(['pelvis', 'thorax']);

/** Joints found, of those that are to be seen. */
class Hits {
  readonly counted: number[];
  readonly found: number[];

  constructor(joints: number) {
    this.counted = Array.from({ length: joints }, () => 0);
    this.found = Array.from({ length: joints }, () => 0);
  }

  add(joint: number, isFound: boolean): void {
    this.counted[joint] = (this.counted[joint] ?? 0) + 1;
    if (isFound) this.found[joint] = (this.found[joint] ?? 0) + 1;
  }

  /** Over all joints that `counts`. */
  share(counts: (joint: number) => boolean = () => true): number | undefined {
    const sum = (list: readonly number[]): number => list.reduce((n, v, k) => n + (counts(k) ? v : 0), 0);
    const all = sum(this.counted);
    return all === 0 ? undefined : sum(this.found) / all;
  }
}

export class PoseAccuracy implements MetricAccumulator {
  readonly #joints: readonly string[];
  readonly #crop: PoseDescription['crop'];
  readonly #decoding: PoseDescription['decoding'];
  readonly #sigmas: readonly number[] | undefined;
  readonly #torso: Hits;
  readonly #head: Hits;
  readonly #box: Hits;
  readonly #strictBox: Hits;
  readonly #people: KnownPerson[] = [];
  readonly #detections: Detection[] = [];

  /** @param crop [width, height] of the crops that maps belong to @param sigmas of OKS; COCO's where they are absent */
  constructor(
    joints: readonly string[],
    crop: PoseDescription['crop'],
    decoding: PoseDescription['decoding'],
    sigmas: readonly number[] | undefined = oksSigmas(joints),
  ) {
    this.#joints = joints.map(plainName);
    this.#sigmas = sigmas;
    this.#crop = crop;
    this.#decoding = decoding;
    this.#torso = new Hits(joints.length);
    this.#head = new Hits(joints.length);
    this.#box = new Hits(joints.length);
    this.#strictBox = new Hits(joints.length);
  }

  /** @param targets rows of `poseTask`'s encodeTruth */
  add(outputs: Float32Array, targets: ArrayLike<number>, [h, w]: MapShape): void {
    const n = this.#joints.length;
    const row = 3 * (n + extraRows);
    for (let b = 0; b * row < targets.length; b++) {
      const target = Float32Array.from({ length: row }, (_, i) => targets[b * row + i] ?? 0);
      const decoded = decodeHeatmaps(outputs.subarray(b * n * h * w, (b + 1) * n * h * w), n, h, w, this.#decoding);
      const [headSize = 0, area = 0, image = 0, scale = 1, left = 0, top = 0, boxSize = 0] = target.subarray(3 * n);
      const [sx, sy] = [this.#crop[0] / w, this.#crop[1] / h];
      const inOriginal = (points: Float32Array): Float32Array =>
        points.map((v, i) => {
          if (i % 3 === 2) return v;
          return i % 3 === 0 ? scale * ((v + 0.5) * sx - 0.5) + left : scale * ((v + 0.5) * sy - 0.5) + top;
        });
      this.addPerson(inOriginal(decoded), { joints: inOriginal(target.subarray(0, 3 * n)), area, image, headSize, boxSize });
    }
  }

  /** @param found [x, y, score] a joint, in the original image's pixels, as is the truth */
  addPerson(found: Float32Array, truth: KnownPerson & { readonly headSize: number; readonly boxSize: number }): void {
    const n = this.#joints.length;
    const { joints } = truth;
    const torso = torsoOf(joints, this.#joints);
    const head = truth.headSize > 0 ? truth.headSize : between(joints, this.#joints, ...headEnds);
    for (let k = 0; k < n; k++) {
      if (!((joints[3 * k + 2] ?? 0) > 0)) continue;
      const distance = Math.hypot((found[3 * k] ?? 0) - (joints[3 * k] ?? 0), (found[3 * k + 1] ?? 0) - (joints[3 * k + 1] ?? 0));
      if (torso !== undefined) this.#torso.add(k, distance <= pckThreshold * torso);
      if (head !== undefined) this.#head.add(k, distance <= pckhThreshold * head);
      this.#box.add(k, distance <= pckBoxThreshold * truth.boxSize);
      this.#strictBox.add(k, distance <= strictBoxThreshold * truth.boxSize);
    }
    this.#people.push({ joints, area: truth.area, image: truth.image });
    const score = Array.from({ length: n }, (_, k) => found[3 * k + 2] ?? 0).reduce((a, b) => a + b, 0) / n;
    this.#detections.push({ joints: found, score, image: truth.image });
  }

  /** `pck`, `pckh`, `pckBox` and `oksAP` with its kin: those for which the truth says enough. */
  result(): Metrics {
    const sigmas = this.#sigmas;
    const measures: [string, number | undefined][] = [
      ['pck', this.#torso.share()],
      ['pckh', this.#head.share((k) => !uncountedInPckh.has(this.#joints[k] ?? ''))],
      ['pckBox', this.#box.share()],
      ['pckBoxStrict', this.#strictBox.share()],
      ...(sigmas ? Object.entries(evaluateOks(this.#people, this.#detections, sigmas)) : []),
    ];
    return Object.fromEntries(measures.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  }

  hasCounted(): boolean {
    return this.#box.share() !== undefined;
  }

  /** By the torso; where the data has none, by the head, or else the box. */
  breakdown(): Breakdown {
    const { counted, found } = [this.#torso, this.#head].find((hits) => hits.share() !== undefined) ?? this.#box;
    return { kind: 'joints', counted: [...counted], found: [...found] };
  }
}
