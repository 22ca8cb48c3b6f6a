// YOLO pose (https://docs.ultralytics.com/datasets/pose/): beside each picture a text with a line a person: class, centre and size of
// the box, then the joints, all in shares of the picture as a viewer shows it.

import { DataError } from '../errors.js';
import type { FindingList } from '../finding.js';
import type { Folder } from '../folder.js';
import type { ListedPerson } from '../listed-person.js';
import { readText } from '../lists.js';
import { pictureSize } from '../picture-size.js';
import { shownSize } from '../upright-map.js';
import type { YoloJoints } from './yolo-joints.js';
import { yoloSplits } from './yolo-pictures.js';
import { readYoloSettings, yoloFile } from './yolo-settings.js';

export interface YoloPeople {
  /** Says the joints, for messages. */
  readonly file: string;
  readonly train: readonly ListedPerson[];
  /** Undefined where one list is of all. */
  readonly val: readonly ListedPerson[] | undefined;
  readonly test: () => Promise<readonly ListedPerson[] | undefined>;
}

/** Undefined where the folder holds no joints of YOLO's. */
export async function yoloJointsOf(folder: Folder): Promise<YoloJoints | undefined> {
  const file = await yoloFile(folder);
  return file === undefined ? undefined : (await readYoloSettings(folder, file)).joints;
}

/** Undefined where the folder holds no joints of YOLO's. @param joints to learn @throws DataError naming file and line */
export async function listYoloPeople(folder: Folder, joints: readonly string[], findings: FindingList): Promise<YoloPeople | undefined> {
  const file = await yoloFile(folder);
  if (file === undefined) return undefined;
  const settings = await readYoloSettings(folder, file);
  const { joints: said } = settings;
  if (!said) return undefined;
  const missing = joints.find((name) => !said.names.includes(name));
  if (missing !== undefined)
    throw new DataError(`${settings.file}: has no joint "${missing}" but ${said.names.join(', ')}; correct data.joints in the preset`);
  noteNames(said, settings.file, findings);
  const columns = joints.map((name) => said.names.indexOf(name));
  const people = async (samples: readonly { readonly image: string; readonly mask: string; readonly shapes?: unknown }[]) => {
    const all: ListedPerson[] = [];
    // A picture without a file of labels shows nobody.
    for (const { image, mask, shapes } of samples) if (shapes === undefined) all.push(...(await readPeople(image, mask, said, columns)));
    return all;
  };
  const { train, val, test } = await yoloSplits(folder, settings, findings);
  const held = async (): Promise<readonly ListedPerson[] | undefined> => {
    const samples = await test();
    return samples && people(samples);
  };
  return { file: settings.file, train: await people(train ?? []), val: val && (await people(val)), test: held };
}

async function readPeople(
  image: string,
  file: string,
  { names, numbers }: YoloJoints,
  columns: readonly number[],
): Promise<ListedPerson[]> {
  const stored = await pictureSize(image);
  const size = shownSize(stored, stored.orientation);
  return (await readText(file)).split(/\r\n|\n|\r/).flatMap((text, i): ListedPerson[] => {
    if (text.trim() === '') return [];
    const values = text.trim().split(/\s+/).map(Number);
    const wanted = 5 + numbers * names.length;
    if (values.length !== wanted || values.some((v) => !Number.isFinite(v)))
      throw new DataError(
        `${file}:${i + 1}: expected ${wanted} numbers (class, box, ${names.length} joints of ${numbers}), got "${text.slice(0, 60)}" with ${values.length}; correct kpt_shape, or export the labels again`,
      );
    const [, x = 0, y = 0, w = 0, h = 0] = values;
    const box = { left: (x - w / 2) * size.width, top: (y - h / 2) * size.height, width: w * size.width, height: h * size.height };
    const joint = (k: number): [number, number, number] => {
      const [u = 0, v = 0, visible = u !== 0 || v !== 0 ? 1 : 0] = values.slice(5 + numbers * k, 5 + numbers * (k + 1));
      return [u * size.width, v * size.height, visible > 0 ? 1 : 0];
    };
    return [{ image, size, joints: Float32Array.from(columns.flatMap(joint)), box, area: box.width * box.height, headSize: 0 }];
  });
}

function noteNames({ names, namedBy }: YoloJoints, file: string, findings: FindingList): void {
  if (namedBy === 'file') return;
  const how = {
    coco: "they are 17, and are taken for COCO's",
    mirror: 'which change places in the mirror is known from flip_idx, and those are called left and right, whichever they are',
    number: 'they are numbered; without flip_idx nobody knows which change places in the mirror',
  }[namedBy];
  findings.add({
    grade: namedBy === 'number' && names.length > 1 ? 'warning' : 'note',
    code: 'joints-without-names',
    cause: `the joints have no names: ${how}`,
    files: [file],
    remedy: namedBy === 'number' ? 'add flip_idx or kpt_names to it, and learn without mirror until then' : 'add kpt_names to it',
  });
}
