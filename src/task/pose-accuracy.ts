// How many joints are found: PCK of the torso (Yang & Ramanan; LSP), PCKh (Andriluka et al.; MPII), and COCO's OKS AP.

import type { PoseDescription } from './description.js';
import { decodeHeatmaps } from './heatmaps.js';
import { type Detection, evaluateOks, type KnownPerson, oksSigmas } from './oks.js';
import type { Breakdown, MapShape, MetricAccumulator, Metrics } from './task.js';

/** A joint is found within this share of the torso's length, of the head's. */
const pckThreshold = 0.2;
const pckhThreshold = 0.5;

/** The torso's length is between the first two of these that are both to be seen; someone without any is not counted. */
const torsoEnds = [
  ['left_shoulder', 'right_hip'],
  ['right_shoulder', 'left_hip'],
  ['left_shoulder', 'left_hip'],
  ['right_shoulder', 'right_hip'],
] as const;

const headEnds = ['upper_neck', 'head_top'] as const;

/** Which of a pose's figures can be measured. @param hasHeads whether the truth knows the sizes of heads */
export function measurablePose(joints: readonly string[], hasHeads: boolean): ('pck' | 'pckh' | 'oksAP')[] {
  const known = (ends: readonly string[]): boolean => ends.every((name) => joints.includes(name));
  return [
    ...(torsoEnds.some(known) ? (['pck'] as const) : []),
    ...(hasHeads || known(headEnds) ? (['pckh'] as const) : []),
    ...(oksSigmas(joints) ? (['oksAP'] as const) : []),
  ];
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
  readonly #torso: Hits;
  readonly #head: Hits;
  readonly #people: KnownPerson[] = [];
  readonly #detections: Detection[] = [];

  /** @param crop [width, height] of the crops that maps belong to */
  constructor(joints: readonly string[], crop: PoseDescription['crop'], decoding: PoseDescription['decoding']) {
    this.#joints = joints;
    this.#crop = crop;
    this.#decoding = decoding;
    this.#torso = new Hits(joints.length);
    this.#head = new Hits(joints.length);
  }

  /** @param targets rows of `poseTask`'s encodeTruth */
  add(outputs: Float32Array, targets: ArrayLike<number>, [h, w]: MapShape): void {
    const n = this.#joints.length;
    const row = 3 * (n + 2);
    for (let b = 0; b * row < targets.length; b++) {
      const target = Float32Array.from({ length: row }, (_, i) => targets[b * row + i] ?? 0);
      const decoded = decodeHeatmaps(outputs.subarray(b * n * h * w, (b + 1) * n * h * w), n, h, w, this.#decoding);
      const [headSize = 0, area = 0, image = 0, scale = 1, left = 0, top = 0] = target.subarray(3 * n);
      const [sx, sy] = [this.#crop[0] / w, this.#crop[1] / h];
      const inOriginal = (points: Float32Array): Float32Array =>
        points.map((v, i) => {
          if (i % 3 === 2) return v;
          return i % 3 === 0 ? scale * ((v + 0.5) * sx - 0.5) + left : scale * ((v + 0.5) * sy - 0.5) + top;
        });
      this.addPerson(inOriginal(decoded), { joints: inOriginal(target.subarray(0, 3 * n)), area, image, headSize });
    }
  }

  /** @param found [x, y, score] a joint, in the original image's pixels, as is the truth */
  addPerson(found: Float32Array, truth: KnownPerson & { readonly headSize: number }): void {
    const n = this.#joints.length;
    const { joints } = truth;
    const torso = torsoEnds.reduce<number | undefined>((known, [a, b]) => known ?? this.#between(joints, a, b), undefined);
    const head = truth.headSize > 0 ? truth.headSize : this.#between(joints, ...headEnds);
    for (let k = 0; k < n; k++) {
      if (!((joints[3 * k + 2] ?? 0) > 0)) continue;
      const distance = Math.hypot((found[3 * k] ?? 0) - (joints[3 * k] ?? 0), (found[3 * k + 1] ?? 0) - (joints[3 * k + 1] ?? 0));
      if (torso !== undefined) this.#torso.add(k, distance <= pckThreshold * torso);
      if (head !== undefined) this.#head.add(k, distance <= pckhThreshold * head);
    }
    this.#people.push({ joints, area: truth.area, image: truth.image });
    const score = Array.from({ length: n }, (_, k) => found[3 * k + 2] ?? 0).reduce((a, b) => a + b, 0) / n;
    this.#detections.push({ joints: found, score, image: truth.image });
  }

  /** `pck`, `pckh` and `oksAP` with its kin: those for which the truth says enough. */
  result(): Metrics {
    const sigmas = oksSigmas(this.#joints);
    const measures: [string, number | undefined][] = [
      ['pck', this.#torso.share()],
      ['pckh', this.#head.share((k) => !uncountedInPckh.has(this.#joints[k] ?? ''))],
      ...(sigmas ? Object.entries(evaluateOks(this.#people, this.#detections, sigmas)) : []),
    ];
    return Object.fromEntries(measures.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  }

  /** By the torso; where the data has none, by the head. */
  breakdown(): Breakdown {
    const { counted, found } = this.#torso.share() === undefined ? this.#head : this.#torso;
    return { kind: 'joints', counted: [...counted], found: [...found] };
  }

  /** Distance of two joints that are both to be seen. */
  #between(joints: Float32Array, a: string, b: string): number | undefined {
    const [i, j] = [3 * this.#joints.indexOf(a), 3 * this.#joints.indexOf(b)];
    if (i < 0 || j < 0 || !joints[i + 2] || !joints[j + 2]) return undefined;
    const distance = Math.hypot((joints[i] ?? 0) - (joints[j] ?? 0), (joints[i + 1] ?? 0) - (joints[j + 1] ?? 0));
    return distance > 0 ? distance : undefined;
  }
}
