// A question's answer: the picture decoded, looked at, and what is seen written in the format asked for.

import {
  type Box,
  DataError,
  describeImage,
  encodeDepth,
  encodeJpeg,
  encodeMask,
  labelColour,
  readImage,
  type RgbImage,
} from '../../core/data/index.js';
import { reasonOf, UserError } from '../../core/errors/index.js';
import { fittingDepthScale, namedJoints, overlayDepiction, requireMemory, requireRoom } from '../../core/model/index.js';
import { channelNames, type Depiction, inputOfTask, type InputSize, inputSizeOf, peopleCropOf, peopleOf } from '../../core/task/index.js';
import type { Model } from '../../library/model.js';
import { pictureKind, pictureKinds } from './picture-kind.js';
import type { Answer, Question } from './question.js';

export interface AnswerLimits {
  readonly size: InputSize | undefined;
  readonly maxPixels: number;
}

/** For messages. */
const name = 'the picture';

/** Says no with a status of HTTP and a sentence. */
class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Never throws: what cannot be answered is refused. */
export async function answer(model: Model, question: Question, limits: AnswerLimits): Promise<Answer> {
  try {
    const image = await decode(model, question.picture, limits);
    return await write(model, image, await look(model, image, question, limits.size), question);
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', status: error.status, message: error.message };
    if (error instanceof DataError) return { kind: 'refused', status: 422, message: error.message };
    // What V8 says where memory for pixels is refused.
    if (error instanceof RangeError && /allocation|array length/i.test(error.message))
      return { kind: 'refused', status: 413, message: `${name}: there is no memory for it (${error.message}); make it smaller` };
    return { kind: 'refused', status: 500, message: error instanceof UserError ? error.message : `the model failed (${reasonOf(error)})` };
  }
}

/** Sizes are asked of the header, before a pixel is decoded. */
async function decode({ card }: Model, bytes: Uint8Array, { size, maxPixels }: AnswerLimits): Promise<RgbImage> {
  if (pictureKind(bytes) === undefined) throw new Refused(415, `${name} is none of ${pictureKinds}; send it as one of them`);
  const facts = await describeImage(name, { bytes });
  const { width, height } = facts;
  if (width * height > maxPixels)
    throw new Refused(
      413,
      `${name}: ${width}×${height} is more than the ${maxPixels / 1e6} million pixels that are read here; make it smaller`,
    );
  try {
    requireRoom(name, facts);
    if (!peopleCropOf(card.task)) requireMemory(inputSizeOf(size ?? inputOfTask(card.task), facts));
  } catch (error) {
    throw error instanceof DataError ? new Refused(413, error.message) : error;
  }
  return readImage(name, { bytes, background: card.task.background });
}

async function look(model: Model, image: RgbImage, { boxes, flip }: Question, size: InputSize | undefined): Promise<readonly Depiction[]> {
  if (boxes && !peopleOf(model.card.task))
    throw new Refused(400, `boxes: the model is for ${model.card.task.task}; only people are looked at in boxes`);
  if (!boxes) return [await model.predict(image, { flip, size })];
  const seen: Depiction[] = [];
  for (const box of boxes) {
    requireInside(box, image);
    seen.push(await model.predict(image, { flip, box }));
  }
  return seen;
}

function requireInside({ left, top, width, height }: Box, image: RgbImage): void {
  if (left >= image.width || top >= image.height || left + width <= 0 || top + height <= 0)
    throw new Refused(400, `boxes: ${left}, ${top}, ${width}, ${height} lies outside the picture (${image.width}×${image.height})`);
}

async function write({ card }: Model, image: RgbImage, seen: readonly Depiction[], { format, opacity }: Question): Promise<Answer> {
  const { task } = card;
  if (format === 'overlay') {
    let over = image;
    for (const depiction of seen) over = await overlayDepiction(over, depiction, task, opacity);
    return { kind: 'answer', type: 'image/jpeg', body: await encodeJpeg(over) };
  }
  const names = channelNames(task);
  const scale = fittingDepthScale(task);
  const { width, height } = image;
  const people: Record<string, readonly number[]>[] = [];
  for (const depiction of seen) {
    if (depiction.kind === 'joints') {
      people.push(namedJoints(depiction.joints, names));
      continue;
    }
    const png = depiction.kind === 'labels' ? encodeMask(depiction, names.length) : encodeDepth(depiction, scale);
    if (format === 'png') return { kind: 'answer', type: 'image/png', body: png };
    const said =
      depiction.kind === 'labels' ? { labels: shares(depiction.data, names) } : { metres: spread(depiction.metres), unitsPerMetre: scale };
    return json({ task: task.task, width, height, ...said, png: Buffer.from(png).toString('base64') });
  }
  if (format === 'png') throw new Refused(406, 'a pose has no PNG of its own; ask for json or overlay');
  return json({ task: task.task, width, height, people });
}

function json(value: unknown): Answer {
  return { kind: 'answer', type: 'application/json; charset=utf-8', body: Buffer.from(JSON.stringify(value)) };
}

/** Labels that occur, the largest share of the picture first. */
function shares(labels: Uint8Array, names: readonly string[]) {
  const counts = names.map(() => 0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts
    .map((pixels, label) => ({
      label,
      name: names[label] ?? String(label),
      pixels,
      share: pixels / labels.length,
      colour: labelColour(label),
    }))
    .filter(({ pixels }) => pixels > 0)
    .toSorted((a, b) => b.pixels - a.pixels);
}

function spread(metres: Float32Array): { readonly least: number; readonly mean: number; readonly most: number } {
  let [least, sum, most] = [Number.POSITIVE_INFINITY, 0, 0];
  for (const m of metres) {
    least = Math.min(least, m);
    most = Math.max(most, m);
    sum += m;
  }
  return { least, mean: sum / metres.length, most };
}
