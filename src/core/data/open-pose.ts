// Opens a folder of people with joints: COCO's keypoint JSON with any skeleton, or MPII's list (`layouts/`).

import type { z } from 'zod';
import { path } from '../platform/index.js';
import { type Dataset, type Labelling, type PersonSample, SkipCount } from './dataset.js';
import { DataError } from './errors.js';
import { FindingList } from './finding.js';
import { cocoKeypointsSchema, readCocoKeypoints } from './layouts/coco-keypoints.js';
import { mpiiSchema, readMpii } from './layouts/mpii.js';
import { findPeople, type PeopleFile, peopleSigns } from './layouts/people-files.js';
import { listYoloPeople } from './layouts/yolo-pose.js';
import type { Folder } from './folder.js';
import { readJson } from './lists.js';
import type { ListedPerson, ReadingNotes, Size } from './listed-person.js';
import { openFolder } from './open-data.js';
import type { Rgb } from './palette.js';
import { checkPeople } from './people-checks.js';
import { placePeople } from './people-pictures.js';
import type { Box } from './person.js';
import { splitDrawn } from './split.js';
import { usableTest } from './test-split.js';

export { mpiiJoints } from './layouts/mpii.js';

export interface PoseDataOptions {
  /** The joints to learn, of those that the data has, in the order of the network's outputs. */
  readonly joints: readonly string[];
  /** What transparent photographs are laid over. */
  readonly background?: Rgb | undefined;
}

/**
 * A folder with lists of people: `train.json` and `val.json` beside `images/`, or as COCO, MPII and labelling tools have them. Where
 * one list is of all, a split is drawn.
 * @throws DataError naming the file and what is wrong with it
 */
export async function openPoseDataset(place: string, options: PoseDataOptions): Promise<Dataset> {
  const [skipped, findings] = [new SkipCount(), new FindingList()];
  const folder = await openFolder(place);
  const lists = (await jsonLists(folder, options)) ?? (await yoloLists(folder, options, findings));
  if (!lists)
    throw new DataError(
      `${place}: holds no annotations of train; expected ${peopleSigns} (COCO keypoints, or MPII as JSON), or data.yaml with kpt_shape (YOLO pose)`,
    );
  const listed = await lists.train({ skipped, findings });
  const { train, val } = lists.val ? { train: listed, val: await lists.val({ skipped, findings }) } : splitDrawn(place, listed, findings);
  noteShared(train, val, findings);
  const { test: held } = lists;
  const test = await usableTest(held && (() => held({ skipped: new SkipCount(), findings: new FindingList() })), findings);
  const { joints, background } = options;
  const labelling: Labelling = { kind: 'joints', joints, ...(background && { background }) };
  const noticed = { skipped: skipped.list(), findings: findings.list() };
  return { layout: lists.layout, labelling, train, val, ...(test && { test }), ...noticed };
}

type ReadList = (notes: ReadingNotes) => Promise<PersonSample[]>;

interface PeopleLists {
  readonly layout: string;
  readonly train: ReadList;
  /** Absent where one list is of all. */
  readonly val?: ReadList | undefined;
  readonly test?: ((notes: ReadingNotes) => Promise<PersonSample[] | undefined>) | undefined;
}

async function jsonLists(folder: Folder, options: PoseDataOptions): Promise<PeopleLists | undefined> {
  const files = await findPeople(folder);
  if (!files) return undefined;
  const read = ({ name, places }: PeopleFile): ReadList => {
    const folders = places.map((part) => folder.at(part));
    return ({ skipped, findings }) => readPeople(folder.at(name), folders, options, skipped, findings);
  };
  const { train, val, test } = files;
  return { layout: 'people in JSON', train: read(train), val: val && read(val), test: test && read(test) };
}

async function yoloLists(folder: Folder, { joints }: PoseDataOptions, findings: FindingList): Promise<PeopleLists | undefined> {
  const people = await listYoloPeople(folder, joints, findings);
  if (!people) return undefined;
  const { file, train, val, test } = people;
  const read =
    (listed: readonly ListedPerson[]): ReadList =>
    (notes) =>
      samplesOf(listed, file, [folder.path], notes);
  const held = async (notes: ReadingNotes): Promise<PersonSample[] | undefined> => {
    const listed = await test();
    return listed && read(listed)(notes);
  };
  return { layout: 'YOLO pose', train: read(train), val: val && read(val), test: held };
}

/** @param folders where images may lie @throws DataError naming the file and what is wrong with it */
export async function readPeople(
  file: string,
  folders: readonly string[],
  { joints }: PoseDataOptions,
  skipped: SkipCount,
  findings = new FindingList(),
): Promise<PersonSample[]> {
  const notes = { skipped, findings };
  return samplesOf(read(await readJson(file), file, joints, notes), file, folders, notes);
}

async function samplesOf(
  listed: readonly ListedPerson[],
  file: string,
  folders: readonly string[],
  notes: ReadingNotes,
): Promise<PersonSample[]> {
  const { skipped, findings } = notes;
  if (listed.length === 0) throw new DataError(`${file}: lists no person that can be used (${describeSkipped(skipped)})`);
  const people = checkPeople(await placePeople(listed, file, folders, findings), file, notes);
  const numbers = new Map<string, number>();
  const samples: PersonSample[] = [];
  for (const { listed: person, file: image, shown } of people) {
    const { box, area, headSize } = person;
    if (!person.joints.some((v, i) => i % 3 === 2 && v > 0)) skipped.add('no visible joint');
    else if (!(box.width > 0 && box.height > 0)) skipped.add('a box without area');
    else if (isOutside(box, shown)) skipped.add('a box outside the image');
    else {
      const number = numbers.get(image) ?? numbers.size;
      numbers.set(image, number);
      const [boxSize, original] = [Math.max(box.width, box.height), { scale: 1, left: 0, top: 0 }];
      samples.push({ image, person: { box, joints: person.joints, area, headSize, boxSize, image: number, original } });
    }
  }
  if (samples.length === 0) throw new DataError(`${file}: no person in it can be used (${describeSkipped(skipped)})`);
  return samples;
}

export function describeSkipped(skipped: SkipCount | Dataset['skipped']): string {
  const list = skipped instanceof SkipCount ? skipped.list() : skipped;
  return list.map(({ reason, count }) => `${count} × ${reason}`).join(', ') || 'none listed';
}

/** An array is MPII's, an object COCO's. */
function read(content: unknown, file: string, joints: readonly string[], notes: ReadingNotes): ListedPerson[] {
  if (Array.isArray(content)) {
    const parsed = mpiiSchema.safeParse(content);
    if (!parsed.success) throw wrongFormat(file, parsed.error);
    return readMpii(parsed.data, file, joints);
  }
  const parsed = cocoKeypointsSchema.safeParse(content);
  if (!parsed.success) throw wrongFormat(file, parsed.error);
  return readCocoKeypoints(parsed.data, file, joints, notes);
}

function wrongFormat(file: string, error: z.ZodError): DataError {
  const [first] = error.issues;
  return new DataError(
    `${file}: neither COCO keypoints nor MPII's list: ${first?.path.join('.') || 'the file'}: ${first?.message ?? 'unreadable'}`,
  );
}

function isOutside({ left, top, width, height }: Box, size: Size): boolean {
  return left >= size.width || top >= size.height || left + width <= 0 || top + height <= 0;
}

/** The same file in both lists: what validation shows was trained on. */
function noteShared(train: readonly PersonSample[], val: readonly PersonSample[], findings: FindingList): void {
  const trained = new Set(train.map(({ image }) => path.resolve(image)));
  for (const image of new Set(val.map((sample) => sample.image)))
    if (trained.has(path.resolve(image)))
      findings.add({
        grade: 'warning',
        code: 'same-picture-in-both-lists',
        cause: 'pictures stand in both lists, training and validation: figures will be better than they are on new pictures',
        files: [image],
        remedy: 'take them out of one list',
      });
}

/** For people; empty where nothing was left out. */
export function skippedNote({ skipped }: Dataset): string {
  return skipped.length === 0 ? '' : `left out of the data: ${describeSkipped(skipped)}`;
}
