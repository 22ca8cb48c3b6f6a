// The pictures that a list of people names: where they lie, and whether they are those that were labelled.

import { path } from '../platform/index.js';
import { reasonOf } from '../errors/index.js';
import { DataError } from './errors.js';
import type { FindingList } from './finding.js';
import { Folder } from './folder.js';
import { exists } from './lists.js';
import { movedFiles } from './moved-paths.js';
import type { ListedPerson, Size } from './listed-person.js';
import { type PictureSize, pictureSize } from './picture-size.js';
import { turnBox, turnPoint } from './turned.js';

/** A person, the picture's file, and its size as a viewer shows it. */
export interface PlacedPerson {
  readonly listed: ListedPerson;
  readonly file: string;
  readonly shown: Size;
}

/** Files read at once. */
const atOnce = 16;

/** How many are named. */
const named = 3;

/**
 * Finds all pictures and compares their sizes with those that the list says.
 * @param folders where pictures may lie
 * @throws DataError with the number of pictures that are missing, cannot be read, or are of another size, and the first three
 */
export async function placePeople(
  people: readonly ListedPerson[],
  file: string,
  folders: readonly string[],
  findings: FindingList,
): Promise<PlacedPerson[]> {
  const files = await findPictures([...new Set(people.map(({ image }) => image))], file, folders, findings);
  const sizes = await readSizes([...files.values()], file);
  const resized = new Map<string, string>();
  const placed = people.flatMap((listed): PlacedPerson[] => {
    const picture = files.get(listed.image) ?? '';
    const found = sizes.get(picture);
    if (!found) return [];
    const shown = found.orientation >= 5 ? { width: found.height, height: found.width } : found;
    if (!listed.size || isAlike(listed.size, shown)) return [{ listed, file: picture, shown }];
    if (isAlike(listed.size, found)) {
      findings.add({
        grade: 'note',
        code: 'joints-of-turned-pictures',
        cause: 'pictures that EXIF turns were labelled as they are stored; their joints and boxes are turned with them',
        files: [picture],
        remedy: 'nothing, if the skeletons lie on the people',
      });
      return [{ listed: turned(listed, found), file: picture, shown }];
    }
    resized.set(picture, `${picture} is ${shown.width}×${shown.height}, the list says ${listed.size.width}×${listed.size.height}`);
    return [];
  });
  if (resized.size > 0)
    throw new DataError(
      `${file}: ${resized.size} of ${files.size} picture(s) are not of the size at which they were labelled: ${firstOf([...resized.values()])}; joints would lie beside the people: put the pictures back as they were, or multiply joints, boxes, width and height in the list`,
    );
  return placed;
}

async function findPictures(
  images: readonly string[],
  file: string,
  folders: readonly string[],
  findings: FindingList,
): Promise<Map<string, string>> {
  const [first] = images;
  const usual = first === undefined ? undefined : await folderOf(first, folders);
  // The others probably lie where the first does; and which is taken must not depend on who is looked for first.
  const order = usual === undefined ? folders : [usual, ...folders.filter((folder) => folder !== usual)];
  const found = new Map<string, string>();
  const lost: string[] = [];
  await each(images, async (image) => {
    const folder = await folderOf(image, order);
    if (folder === undefined) lost.push(image);
    else found.set(image, placeOf(image, folder));
  });
  for (const [image, at] of await movedFiles(
    lost.toSorted(),
    { places: folders.map((folder) => new Folder(folder)), byName: 'always' },
    findings,
  ))
    found.set(image, at);
  const missing = lost.filter((image) => !found.has(image));
  if (missing.length > 0)
    throw new DataError(
      `${file}: ${firstOf(missing.toSorted())} ${missing.length === 1 ? 'is' : `(${missing.length} of ${images.length} pictures) are`} in none of ${folders.join(', ')}; put the images there, or correct the list`,
    );
  return found;
}

async function folderOf(image: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) if (await exists(placeOf(image, folder))) return folder;
  return undefined;
}

/** Lists that were written on Windows have the other slash. */
function placeOf(image: string, folder: string): string {
  const name = image.includes('/') ? image : image.replaceAll('\\', '/');
  return path.isAbsolute(name) ? name : path.join(folder, name);
}

async function readSizes(pictures: readonly string[], file: string): Promise<Map<string, PictureSize>> {
  const sizes = new Map<string, PictureSize>();
  const broken: string[] = [];
  await each(pictures, async (picture) => {
    try {
      sizes.set(picture, await pictureSize(picture));
    } catch (error) {
      broken.push(reasonOf(error));
    }
  });
  if (broken.length > 0)
    throw new DataError(`${file}: ${broken.length} of ${pictures.length} picture(s) cannot be read: ${firstOf(broken.toSorted())}`);
  return sizes;
}

/** A few at once. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Rounding may differ by a pixel. */
function isAlike(a: Size, b: Size): boolean {
  return Math.abs(a.width - b.width) <= 1 && Math.abs(a.height - b.height) <= 1;
}

function turned(person: ListedPerson, { width, height, orientation }: PictureSize): ListedPerson {
  const joints = new Float32Array(person.joints);
  for (let k = 0; k < joints.length; k += 3) joints.set(turnPoint(orientation, { width, height }, joints[k] ?? 0, joints[k + 1] ?? 0), k);
  return { ...person, joints, box: turnBox(orientation, { width, height }, person.box) };
}

function firstOf(all: readonly string[]): string {
  return `${all.slice(0, named).join('; ')}${all.length > named ? '; …' : ''}`;
}
