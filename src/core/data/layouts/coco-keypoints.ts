// COCO's keypoint JSON (https://cocodataset.org/#format-data), with whatever joints its categories list.

import { z } from 'zod';
import { DataError } from '../errors.js';
import type { ListedPerson, ReadingNotes } from '../listed-person.js';

/** Any number or text: other tools than COCO's write both. */
const id = z.union([z.number(), z.string()]);
type Id = z.infer<typeof id>;

export const cocoKeypointsSchema = z.object({
  images: z.array(z.object({ id, file_name: z.string(), width: z.number().nullish(), height: z.number().nullish() })),
  annotations: z.array(
    z.object({
      id,
      image_id: id,
      category_id: id,
      keypoints: z.array(z.number()).nullish(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      area: z.number().nullish(),
      iscrowd: z.number().nullish(),
    }),
  ),
  categories: z.array(z.object({ id, name: z.string().nullish(), keypoints: z.array(z.string()).nullish() })),
});

type CocoKeypoints = z.infer<typeof cocoKeypointsSchema>;
type Category = CocoKeypoints['categories'][number];

/**
 * The people of all categories that have the wanted joints, wherever these stand in their lists.
 * @param joints to learn
 * @throws DataError for ids that stand for two things, for numbers that do not go with the joints, for unknown joints
 */
export function readCocoKeypoints(
  { images, annotations, categories }: CocoKeypoints,
  file: string,
  joints: readonly string[],
  { skipped, findings }: ReadingNotes,
): ListedPerson[] {
  refuseTwice(
    file,
    'image',
    images.map((image) => [image.id, image.file_name]),
  );
  refuseTwice(
    file,
    'annotation',
    annotations.map((annotation) => [annotation.id, `of image ${annotation.image_id}`]),
  );
  refuseTwice(
    file,
    'category',
    categories.map((category) => [category.id, category.name ?? 'without a name']),
  );
  const columns = columnsOf(categories, file, joints);
  const byId = new Map(images.map((image) => [String(image.id), image]));
  const nameOf = new Map(categories.map((category) => [String(category.id), category]));
  const people: ListedPerson[] = [];
  for (const { id: number, image_id, category_id, keypoints, bbox, area, iscrowd } of annotations) {
    const column = columns.get(String(category_id));
    const category = nameOf.get(String(category_id));
    if (!column || !category) {
      findings.add(leftOut(category, category_id, joints, file));
      continue;
    }
    if (iscrowd) {
      skipped.add('a crowd');
      continue;
    }
    const image = byId.get(String(image_id));
    if (!image) throw new DataError(`${file}: annotation ${number} names image ${image_id}, which is not in its list; correct image_id`);
    const [values, expected] = [keypoints ?? [], category.keypoints?.length ?? 0];
    if (values.length !== 3 * expected)
      throw new DataError(`${file}: annotation ${number} has ${values.length} numbers for ${expected} joints; expected x, y, v of each`);
    if (values.some((v, i) => i % 3 === 2 && !Number.isInteger(v)))
      findings.add({
        grade: 'warning',
        code: 'visibility-as-confidence',
        cause:
          'people whose joints have no 0, 1 or 2 for visibility but fractions, as predictions have for confidence; above 0 all count as labelled',
        files: [file],
        remedy: 'write 0 for joints that are not to be learnt, and 2 for the others',
      });
    const [left, top, width, height] = bbox;
    const size = image.width && image.height ? { width: image.width, height: image.height } : undefined;
    people.push({
      image: image.file_name,
      size,
      joints: Float32Array.from(column.flatMap((k) => [values[3 * k] ?? 0, values[3 * k + 1] ?? 0, (values[3 * k + 2] ?? 0) > 0 ? 1 : 0])),
      box: { left, top, width, height },
      // Without an outline of the body its box must do; some tools write 0.
      area: area && area > 0 ? area : width * height,
      headSize: 0,
    });
  }
  return people;
}

/** Which of its joints each category's wanted ones are; of those categories that have them all. */
function columnsOf(categories: readonly Category[], file: string, joints: readonly string[]): Map<string, number[]> {
  const posed = categories.filter(({ keypoints }) => keypoints && keypoints.length > 0);
  if (posed.length === 0) throw new DataError(`${file}: none of its categories lists keypoints; this is not a file of COCO keypoints`);
  const columns = new Map<string, number[]>();
  let missing: { readonly joint: string; readonly known: readonly string[] } | undefined;
  for (const category of posed) {
    const known = category.keypoints ?? [];
    const joint = joints.find((name) => !known.includes(name));
    if (joint === undefined)
      columns.set(
        String(category.id),
        joints.map((name) => known.indexOf(name)),
      );
    else missing ??= { joint, known };
  }
  if (columns.size === 0 && missing)
    throw new DataError(
      `${file}: has no joint "${missing.joint}" but ${missing.known.join(', ')}; correct data.joints in the preset${posed.length > 1 ? ` (none of its ${posed.length} categories has all of them)` : ''}`,
    );
  return columns;
}

function leftOut(category: Category | undefined, number: Id, joints: readonly string[], file: string) {
  const name = category ? `"${category.name ?? category.id}"` : `${number}, which is not in the file's list`;
  const lacking = joints.filter((joint) => !category?.keypoints?.includes(joint));
  const why = category?.keypoints?.length ? `it has other joints, no ${lacking.slice(0, 3).join(', ')}` : 'it has no joints';
  return {
    grade: category && !category.keypoints?.length ? ('note' as const) : ('warning' as const),
    code: 'category-left-out',
    cause: `everything of the category ${name} is left out${category ? `: ${why}` : ''}`,
    files: [file],
    remedy: category ? 'search its joints with a preset of their own, if they are wanted' : 'correct category_id or the list of categories',
  };
}

/** @throws DataError where an id is given twice, as it comes of two files joined into one */
function refuseTwice(file: string, what: string, entries: readonly (readonly [Id, string])[]): void {
  const first = new Map<string, string>();
  const twice: string[] = [];
  for (const [number, name] of entries) {
    const known = first.get(String(number));
    if (known === undefined) first.set(String(number), name);
    else twice.push(`${number} (${known}${known === name ? '' : ` and ${name}`})`);
  }
  if (twice.length > 0)
    throw new DataError(
      `${file}: ${twice.length} ${what} id${twice.length === 1 ? ' is' : 's are'} given twice: ${twice.slice(0, 3).join(', ')}${twice.length > 3 ? ', …' : ''}; people would get other people's pictures: number them anew, as files that are joined must be`,
    );
}
