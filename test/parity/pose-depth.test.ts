// Losses, targets, decoding and metrics of pose and depth against PyTorch and NumPy.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../src/core/data/index.js';
import { gradients } from '../../src/core/graph/index.js';
import { type Random, seededRandom } from '../../src/core/random/index.js';
import {
  type Decoding,
  decodeHeatmaps,
  depthCrops,
  DepthErrors,
  depthTask,
  type Detection,
  evaluateOks,
  type KnownPerson,
  oksSigmas,
  type PoseDescription,
  PoseAccuracy,
  poseTask,
} from '../../src/core/task/index.js';
import { joinRows } from '../../src/core/train/index.js';
import { blocked, evaluate, portable } from '../graph/run.js';
import { python, relativeDifference, Torch } from './torch.js';
import { randomFloats } from './values.js';

const cocoJoints = [
  'nose',
  ...['eye', 'ear', 'shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle'].flatMap((j) => [`left_${j}`, `right_${j}`]),
];

const pose: PoseDescription = {
  task: 'pose',
  joints: cocoJoints,
  skeleton: [],
  crop: [48, 64],
  padding: 1.25,
  sigma: 2,
  decoding: 'quarter',
};
const [width, height] = pose.crop;
const [h, w] = [height / 4, width / 4];
const k = cocoJoints.length;

function somebody(random: Random, image: number, extent: readonly [number, number] = [width, height]): Person {
  const joints = Float32Array.from({ length: 3 * k }, (_, i) =>
    i % 3 === 2 ? (random.next() < 0.8 ? 1 : 0) : random.next() * (extent[i % 3] ?? 1),
  );
  // Somebody of whom nothing can be seen is no sample.
  joints[2] = 1;
  return {
    box: { left: 0, top: 0, width: extent[0], height: extent[1] },
    joints,
    area: 400 + 12_000 * random.next(),
    headSize: 5 + 20 * random.next(),
    boxSize: 30 + 60 * random.next(),
    image,
    original: { scale: 0.5 + 2 * random.next(), left: 40 * random.next(), top: 30 * random.next() },
  };
}

describe.skipIf(python === undefined)('pose and depth against PyTorch', () => {
  let torch: Torch;
  beforeAll(() => {
    torch = new Torch();
  });
  afterAll(() => torch.close());

  test('heatmap targets, their loss and its gradient', async () => {
    const random = seededRandom(1);
    const batch = 3;
    const task = poseTask(pose);
    const rows = Array.from({ length: batch }, () => task.encodeTruth(somebody(random, 0), h, w, { width, height }));
    const target = { dims: [batch, ...task.targetSpec(h, w).shape], data: Float32Array.from(joinRows(rows)) };
    const output = randomFloats(random, [batch, k, h, w]);
    const expected = await torch.run(
      `
x = inputs["output"].requires_grad_()
t = inputs["target"][:, :${k}]
ys, xs = torch.meshgrid(torch.arange(${h}).float(), torch.arange(${w}).float(), indexing="ij")
maps = torch.exp(-((xs - t[..., 0, None, None]) ** 2 + (ys - t[..., 1, None, None]) ** 2) / (2 * 2.0 ** 2))
visible = t[..., 2]
# Joints' MSE with weights, as in the paper's code, in units of a Gaussian's own energy.
loss = sum(visible[b, j] * ((x[b, j] - maps[b, j]) ** 2).sum() for b in range(${batch}) for j in range(${k}))
loss = loss / visible.sum() / (torch.pi * 2.0 ** 2)
loss.backward()
outputs = {"maps": maps, "loss": loss.detach().reshape(1), "gradient": x.grad}`,
      { output, target },
    );
    for (const runtime of [portable, blocked]) {
      const actual = await evaluate(runtime, { output, target }, (t) => {
        const [x, y] = [t['output'], t['target']];
        if (!x || !y) throw new Error('inputs');
        const prepared = task.prepareTarget(y, h, w);
        const loss = task.loss(x, prepared);
        const [gradient] = gradients(loss, [x]);
        const [maps] = prepared;
        if (!maps || !gradient) throw new Error('no maps');
        return { maps, loss, gradient };
      });
      for (const name of ['maps', 'loss', 'gradient'])
        expect(relativeDifference(actual[name] ?? [], expected[name]?.data ?? []), name).toBeLessThan(1e-5);
    }
  });

  test.each(['berhu', 'silog'] as const)(
    '%s loss and its gradient, with pixels that are not measured or out of the range',
    async (loss) => {
      const random = seededRandom(2);
      const task = depthTask({ task: 'depth', minDepth: 0.5, maxDepth: 10, unit: 'metre' }, { loss });
      const dims = [2, 1, 9, 11];
      const output = randomFloats(random, dims, 0.3, 9);
      const target = randomFloats(random, [2, 9, 11], 0.4, 13);
      const holes = [0, 65.535, 10, 0.5, -1, Number.POSITIVE_INFINITY, Number.NaN];
      for (let i = 0; i < target.data.length; i++) if (random.next() < 0.4) target.data[i] = holes[i % holes.length] ?? 0;
      const expected = await torch.run(
        `
x = inputs["output"].requires_grad_()
t = inputs["target"][:, None]
valid = (t > 0.5) & (t < 10)
if args["loss"] == "berhu":
    r = (x - t)[valid].abs()
    c = 0.2 * r.max().detach()
    loss = torch.where(r <= c, r, (r ** 2 + c ** 2) / (2 * c)).mean()
else:
    g = x[valid].log() - t[valid].log()
    loss = (g ** 2).mean() - 0.5 * g.mean() ** 2
loss.backward()
outputs = {"loss": loss.detach().reshape(1), "gradient": x.grad}`,
        { output, target },
        { loss },
      );
      const rows = [0, 1].map((n) => {
        const map = { width: 11, height: 9, metres: Float32Array.from(target.data.slice(99 * n, 99 * (n + 1))) };
        return task.encodeTruth(map, 9, 11, map);
      });
      const encoded = { dims: target.dims, data: Float32Array.from(joinRows(rows)) };
      for (const runtime of [portable, blocked]) {
        const actual = await evaluate(runtime, { output, target: encoded }, (t) => {
          const [x, y] = [t['output'], t['target']];
          if (!x || !y) throw new Error('inputs');
          const value = task.loss(x, task.prepareTarget(y, 9, 11));
          const [gradient] = gradients(value, [x]);
          if (!gradient) throw new Error('no gradient');
          return { loss: value, gradient };
        });
        for (const name of ['loss', 'gradient'])
          expect(relativeDifference(actual[name] ?? [], expected[name]?.data ?? []), name).toBeLessThan(1e-5);
      }
    },
  );

  test.each(
    depthCrops.flatMap((crop) => [
      { crop, rows: 37, columns: 53 },
      { crop, rows: 96, columns: 128 },
    ]),
  )('depth metrics, crop $crop of $rows × $columns', async ({ crop, rows, columns }) => {
    const random = seededRandom(3);
    const images = 3;
    const output = randomFloats(random, [images, 1, rows, columns], 0.2, 14);
    const target = randomFloats(random, [images, rows, columns], 0.4, 12);
    // A third is not measured, some at the very ends of the range.
    for (let i = 0; i < target.data.length; i++) {
      const drawn = random.next();
      if (drawn < 0.3) target.data[i] = 0;
      else if (drawn < 0.35) target.data[i] = 0.5;
      else if (drawn < 0.4) target.data[i] = 10;
    }
    const { figures } = await torch.run(
      `
import numpy as np
h, w = ${rows}, ${columns}
# As the evaluation codes of monodepth, BTS and AdaBins have them: both ends cut down to whole numbers.
crops = {"none": np.array([0, h, 0, w]),
         "nyu": np.array([45 * h / 480, 471 * h / 480, 41 * w / 640, 601 * w / 640]).astype(np.int32),
         "eigen": np.array([0.3324324 * h, 0.91351351 * h, 0.0359477 * w, 0.96405229 * w]).astype(np.int32),
         "garg": np.array([0.40810811 * h, 0.99189189 * h, 0.03594771 * w, 0.96405229 * w]).astype(np.int32)}
crop = crops[args["crop"]]
sums = []
for pred, gt in zip(inputs["output"].numpy().astype(np.float64)[:, 0], inputs["target"].numpy().astype(np.float64)):
    mask = np.zeros((h, w), bool)
    mask[crop[0]:crop[1], crop[2]:crop[3]] = True
    mask &= (gt > 0.5) & (gt < 10)
    p, g = np.clip(pred[mask], 0.5, 10), gt[mask]
    ratio = np.maximum(p / g, g / p)
    sums.append([np.sqrt(((p - g) ** 2).mean()), np.sqrt(((np.log(p) - np.log(g)) ** 2).mean()), np.abs(np.log10(p) - np.log10(g)).mean(),
                 (np.abs(p - g) / g).mean(), ((p - g) ** 2 / g).mean(), (ratio < 1.25).mean(), (ratio < 1.25 ** 2).mean(), (ratio < 1.25 ** 3).mean()])
outputs = {"figures": torch.tensor(np.mean(sums, 0), dtype=torch.float32)}`,
      { output, target },
      { crop },
    );
    const errors = new DepthErrors({ minDepth: 0.5, maxDepth: 10 }, crop);
    errors.add(output.data, target.data, [rows, columns]);
    expect(relativeDifference(Object.values(errors.result()), figures?.data ?? [])).toBeLessThan(1e-6);
  });

  test('the quarter-pixel decoding', async () => {
    const maps = randomFloats(seededRandom(4), [k, h, w]);
    const { found } = await torch.run(
      `
import numpy as np
rows = []
for m in inputs["maps"].numpy():
    y, x = np.unravel_index(m.argmax(), m.shape)
    px, py = float(x), float(y)
    if 0 < x < m.shape[1] - 1:
        px += 0.25 * np.sign(m[y, x + 1] - m[y, x - 1])
    if 0 < y < m.shape[0] - 1:
        py += 0.25 * np.sign(m[y + 1, x] - m[y - 1, x])
    rows.append([px, py, m.max()])
outputs = {"found": torch.tensor(rows, dtype=torch.float32)}`,
      { maps },
    );
    expect([...decodeHeatmaps(maps.data, k, h, w, 'quarter')]).toEqual([...(found?.data ?? [])]);
  });

  test.each([1, 2, 3])('OKS AP and AR as pycocotools computes them, seed %i', async (seed) => {
    const random = seededRandom(seed).fork('oks');
    const people: KnownPerson[] = [];
    const detections: Detection[] = [];
    for (let i = 0; i < 60; i++) {
      const { joints, area, image } = somebody(random, random.integer(25), [200, 200]);
      people.push({ joints, area, image });
      // From nearly right to quite wrong; some people are missed, some found twice.
      const error = 20 * random.next() ** 2;
      for (let n = random.integer(6) === 0 ? 0 : 1 + Number(random.integer(8) === 0); n > 0; n--)
        detections.push({ joints: joints.map((v) => v + error * random.normal()), score: Math.fround(random.next()), image });
    }
    const { figures } = await torch.run(
      cocoEvaluation,
      {},
      {
        sigmas: oksSigmas(cocoJoints),
        people: people.map(({ joints, ...rest }) => ({ ...rest, joints: [...joints] })),
        detections: detections.map(({ joints, ...rest }) => ({ ...rest, joints: [...joints] })),
      },
    );
    const own = evaluateOks(people, detections, oksSigmas(cocoJoints) ?? []);
    const actual = Object.values(own).map((v) => v ?? -1);
    expect(actual[0]).toBeGreaterThan(0.1);
    expect(relativeDifference(actual, figures?.data ?? [])).toBeLessThan(1e-6);
  });

  test.each(['quarter', 'parabola'] as const)('PCK, PCKh and PCK of the box of a batch of heatmaps, %s', async (decoding: Decoding) => {
    const random = seededRandom(6);
    const task = poseTask({ ...pose, decoding });
    const people = Array.from({ length: 12 }, (_, i) => somebody(random, i));
    const rows = joinRows(people.map((person) => task.encodeTruth(person, h, w, { width, height })));
    const maps = randomFloats(random, [people.length, k, h, w]);
    // Most joints have their peak near the truth.
    people.forEach(({ joints }, b) => {
      for (let j = 0; j < k; j++) {
        const [x, y] = [0, 1].map((c) => Math.floor((joints[3 * j + c] ?? 0) / 4 + 2 * random.normal()));
        if (x !== undefined && y !== undefined && x >= 0 && x < w && y >= 0 && y < h) maps.data[((b * k + j) * h + y) * w + x] = 2;
      }
    });
    const found = people.map((_, b) => decodeHeatmaps(maps.data.subarray(b * k * h * w, (b + 1) * k * h * w), k, h, w, decoding));
    const { figures } = await torch.run(
      `
import numpy as np
names = args["names"]
ends = [("left_shoulder", "right_hip"), ("right_shoulder", "left_hip"), ("left_shoulder", "left_hip"), ("right_shoulder", "right_hip")]
torso, head, box, strict = [], [], [], []
for person, found in zip(args["people"], args["found"]):
    gt = np.array(person["joints"]).reshape(-1, 3)
    # From the map to the crop, from the crop to the photograph.
    pred = (np.array(found).reshape(-1, 3)[:, :2] + 0.5) * 4 - 0.5
    o = person["original"]
    place = lambda p: p * o["scale"] + [o["left"], o["top"]]
    distance = np.linalg.norm(place(pred) - place(gt[:, :2]), axis=1)
    visible = gt[:, 2] > 0
    for a, b in ends:
        i, j = names.index(a), names.index(b)
        if visible[i] and visible[j]:
            length = np.linalg.norm(place(gt[i, :2]) - place(gt[j, :2]))
            torso += list(distance[visible] <= 0.2 * length)
            break
    head += list(distance[visible] <= 0.5 * person["headSize"])
    # mmpose's keypoint_pck_accuracy with norm_item "bbox": both axes by the longer side.
    box += list(distance[visible] / person["boxSize"] <= 0.2)
    strict += list(distance[visible] / person["boxSize"] <= 0.05)
outputs = {"figures": torch.tensor([np.mean(torso), np.mean(head), np.mean(box), np.mean(strict)], dtype=torch.float32)}`,
      {},
      {
        names: cocoJoints,
        people: people.map((person) => ({ ...person, joints: [...person.joints] })),
        found: found.map((joints) => [...joints]),
      },
    );
    const accuracy = new PoseAccuracy(cocoJoints, pose.crop, decoding);
    accuracy.add(maps.data, rows, [h, w]);
    const { pck = 0, pckh = 0, pckBox = 0, pckBoxStrict = 0 } = accuracy.result();
    expect(pck).toBeGreaterThan(0.05);
    expect(pckBox).toBeGreaterThan(pckBoxStrict);
    expect(pckBoxStrict).toBeGreaterThan(0.01);
    expect(relativeDifference([pck, pckh, pckBox, pckBoxStrict], figures?.data ?? [])).toBeLessThan(1e-6);
  });
});

/** pycocotools itself where there is one, else its algorithm (cocoeval.py) in NumPy. */
const cocoEvaluation = `
import numpy as np
sigmas = np.array(args["sigmas"])
people, detections = args["people"], args["detections"]
K = len(sigmas)

def with_pycocotools():
    import contextlib, io
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    with contextlib.redirect_stdout(io.StringIO()):
        gt = COCO()
        images = sorted({p["image"] for p in people} | {d["image"] for d in detections})
        gt.dataset = {"images": [{"id": i} for i in images], "categories": [{"id": 1, "name": "person"}],
                      "annotations": [{"id": n + 1, "image_id": p["image"], "category_id": 1, "iscrowd": 0, "area": p["area"], "bbox": [0, 0, 1, 1],
                                       "keypoints": p["joints"], "num_keypoints": int(sum(v > 0 for v in p["joints"][2::3]))}
                                      for n, p in enumerate(people)]}
        gt.createIndex()
        dt = gt.loadRes([{"image_id": d["image"], "category_id": 1, "keypoints": d["joints"], "score": d["score"]} for d in detections])
        e = COCOeval(gt, dt, "keypoints")
        e.params.kpt_oks_sigmas = sigmas
        e.evaluate(); e.accumulate(); e.summarize()
    s = e.stats
    return [s[0], s[1], s[2], s[3], s[4], s[5]]

def in_numpy():
    eps = np.spacing(1)
    thresholds, recalls = np.linspace(0.5, 0.95, 10), np.linspace(0, 1, 101)
    def oks(d, p):
        g = np.array(p["joints"]).reshape(-1, 3); x = np.array(d["joints"]).reshape(-1, 3)
        v = g[:, 2] > 0
        e = ((x[:, 0] - g[:, 0]) ** 2 + (x[:, 1] - g[:, 1]) ** 2) / (sigmas * 2) ** 2 / (p["area"] + eps) / 2
        return np.exp(-e[v]).sum() / v.sum()
    def evaluate(low, high):
        T = len(thresholds)
        scores, matched, ignored, npig = [], [], [], 0
        for image in sorted({p["image"] for p in people} | {d["image"] for d in detections}):
            gts = [p for p in people if p["image"] == image]
            dts = [d for d in detections if d["image"] == image]
            order = np.argsort([-d["score"] for d in dts], kind="mergesort")[:20]
            dts = [dts[i] for i in order]
            ig = np.array([not (low <= p["area"] <= high) for p in gts], bool)
            order = np.argsort(ig, kind="mergesort")
            gts = [gts[i] for i in order]; ig = ig[order]
            ious = np.array([[oks(d, p) for p in gts] for d in dts]).reshape(len(dts), len(gts))
            gtm = -np.ones((T, len(gts)), int); dtm = -np.ones((T, len(dts)), int); dti = np.zeros((T, len(dts)), bool)
            for ti, t in enumerate(thresholds):
                for di in range(len(dts)):
                    iou, m = min(t, 1 - 1e-10), -1
                    for gi in range(len(gts)):
                        if gtm[ti, gi] >= 0:
                            continue
                        if m > -1 and not ig[m] and ig[gi]:
                            break
                        if ious[di, gi] < iou:
                            continue
                        iou, m = ious[di, gi], gi
                    if m == -1:
                        continue
                    dti[ti, di] = ig[m]; dtm[ti, di] = m; gtm[ti, m] = di
            areas = []
            for d in dts:
                x, y = d["joints"][0::3], d["joints"][1::3]
                areas.append((max(x) - min(x)) * (max(y) - min(y)))
            outside = np.array([not (low <= a <= high) for a in areas], bool).reshape(1, -1)
            dti |= (dtm == -1) & np.repeat(outside, T, 0)
            scores += [d["score"] for d in dts]; matched.append(dtm >= 0); ignored.append(dti); npig += int((~ig).sum())
        if npig == 0:
            return None
        order = np.argsort(-np.array(scores), kind="mergesort")
        dtm, dti = np.concatenate(matched, 1)[:, order], np.concatenate(ignored, 1)[:, order]
        tps, fps = np.cumsum(dtm & ~dti, 1).astype(float), np.cumsum(~dtm & ~dti, 1).astype(float)
        precision, recall = np.zeros((T, 101)), np.zeros(T)
        for t in range(T):
            tp, fp = tps[t], fps[t]
            rc, pr = tp / npig, tp / (fp + tp + eps)
            recall[t] = rc[-1] if len(rc) else 0
            pr = pr.tolist()
            for i in range(len(pr) - 1, 0, -1):
                if pr[i] > pr[i - 1]:
                    pr[i - 1] = pr[i]
            for r, at in enumerate(np.searchsorted(rc, recalls, side="left")):
                if at < len(pr):
                    precision[t, r] = pr[at]
        return precision, recall
    p, r = evaluate(0, 1e10)
    part = lambda found: -1 if found is None else found[0].mean()
    return [p.mean(), p[0].mean(), p[5].mean(), part(evaluate(32 ** 2, 96 ** 2)), part(evaluate(96 ** 2, 1e10)), r.mean()]

try:
    values = with_pycocotools()
except ImportError:
    values = in_numpy()
outputs = {"figures": torch.tensor(np.array(values), dtype=torch.float64).float()}`;
