// Joints and boxes that cannot be pixels of their pictures.

import type { SkipCount } from './dataset.js';
import { DataError } from './errors.js';
import type { FindingList } from './finding.js';
import type { PlacedPerson } from './people-pictures.js';
import type { Box } from './person.js';

/** Shares of a picture's size lie between 0 and 1; some stray a little beyond. */
const largestShare = 1.5;

/** Smaller pictures could really have all joints there. */
const smallestPicture = 16;

/** How many files a finding names. */
const named = 3;

/** Pixels by which a joint may miss its picture: coordinates are rounded, and count from the pixel's centre or its edge. */
const slack = 1;

/**
 * Leaves out what is no joint: visible ones outside their pictures count as not visible.
 * @throws DataError where joints or boxes are not pixels at all: shares of the size, corners, other pictures' sizes
 */
export function checkPeople(people: readonly PlacedPerson[], file: string, notes: { skipped: SkipCount; findings: FindingList }) {
  refuseCorners(people, file);
  const inPixels = withoutShares(people, file, notes);
  noteBesideBoxes(inPixels, file, notes.findings);
  noteBoxes(inPixels, notes.findings);
  noteTwice(inPixels, notes.findings);
  return hideOutside(inPixels, file, notes.findings);
}

/** [x, y] of the joints that are to be seen. */
function visible({ listed: { joints } }: PlacedPerson): [number, number][] {
  const points: [number, number][] = [];
  for (let k = 0; k < joints.length; k += 3) if ((joints[k + 2] ?? 0) > 0) points.push([joints[k] ?? 0, joints[k + 1] ?? 0]);
  return points;
}

function isLarge({ shown }: PlacedPerson): boolean {
  return Math.max(shown.width, shown.height) >= smallestPicture;
}

/** Boxes and joints in 0 … 1: all of them are refused, single ones left out. */
function withoutShares(
  people: readonly PlacedPerson[],
  file: string,
  { skipped, findings }: { skipped: SkipCount; findings: FindingList },
): PlacedPerson[] {
  const isShare = (v: number): boolean => v >= 0 && v <= largestShare;
  const seen = people.filter((person) => visible(person).length > 0);
  const joints = new Set(seen.filter((person) => isLarge(person) && visible(person).flat().every(isShare)));
  const boxes = new Set(people.filter((person) => isLarge(person) && numbersOf(person.listed.box).every(isShare) && hasArea(person)));
  for (const [what, found, all] of [
    ['joints', joints, seen.length],
    ['boxes', boxes, people.length],
  ] as const)
    if (found.size > 0 && 2 * found.size > all)
      throw new DataError(
        `${file}: the ${what} of ${found.size} of ${all} people lie between 0 and 1 (${exampleOf(found)}): they seem to be shares of the pictures' sizes; multiply x and width by the picture's width, y and height by its height`,
      );
  // One or two joints in a picture's corner may be just that.
  const wrong = (person: PlacedPerson): boolean => boxes.has(person) || (joints.has(person) && visible(person).length > 2);
  return people.filter((person) => {
    if (!wrong(person)) return true;
    skipped.add('joints or a box between 0 and 1');
    findings.add({
      grade: 'warning',
      code: 'coordinates-as-shares',
      cause: "people whose joints or boxes lie between 0 and 1, as shares of the picture's size, are left out",
      files: [person.file],
      remedy: 'give them in pixels like the others',
    });
    return false;
  });
}

function hasArea({ listed: { box } }: PlacedPerson): boolean {
  return box.width > 0 && box.height > 0;
}

function numbersOf({ left, top, width, height }: Box): number[] {
  return [left, top, width, height];
}

/** Boxes given as two corners: some reach beyond the picture, all could be corners, and as such they hold the joints. */
function refuseCorners(people: readonly PlacedPerson[], file: string): void {
  const listed = people.filter(({ listed: { size } }) => size !== undefined);
  const possible = listed.filter((person) => {
    const { left, top, width: right, height: bottom } = person.listed.box;
    const { shown } = person;
    if (!(right > left && bottom > top && right <= shown.width + slack && bottom <= shown.height + slack)) return false;
    const margin = 0.1 * Math.max(right - left, bottom - top);
    return visible(person).every(([x, y]) => x >= left - margin && x <= right + margin && y >= top - margin && y <= bottom + margin);
  });
  const beyond = possible.filter(reachesBeyond);
  if (beyond.length > 0 && possible.length >= 0.95 * listed.length && beyond.length >= 0.2 * listed.length)
    throw new DataError(
      `${file}: ${beyond.length} of ${listed.length} boxes reach beyond their pictures, and all would fit as two corners (${exampleOf(beyond)}): they seem to be x1, y1, x2, y2; write x, y, width, height`,
    );
}

/** By more than a twentieth. */
function reachesBeyond({ listed: { box }, shown }: PlacedPerson): boolean {
  return box.left + box.width > 1.05 * shown.width + slack || box.top + box.height > 1.05 * shown.height + slack;
}

/** A share of the box's length by which joints may miss it: boxes are drawn tightly, or around the body without its arms. */
const boxMargin = 0.15;

/** @throws DataError where most joints fit their boxes only with x and y exchanged */
function noteBesideBoxes(people: readonly PlacedPerson[], file: string, findings: FindingList): void {
  const compared = people.filter((person) => hasArea(person) && isLarge(person) && visible(person).length > 1);
  const share = (person: PlacedPerson, isExchanged: boolean): number => {
    const { left, top, width, height } = person.listed.box;
    const margin = boxMargin * Math.max(width, height) + slack;
    const points = visible(person);
    const inside = points.filter(([u, v]) => {
      const [x, y] = isExchanged ? [v, u] : [u, v];
      return x >= left - margin && y >= top - margin && x <= left + width + margin && y <= top + height + margin;
    });
    return inside.length / points.length;
  };
  const beside = compared.filter((person) => share(person, false) <= 0.5);
  const mean = (isExchanged: boolean): number => compared.reduce((sum, person) => sum + share(person, isExchanged), 0) / compared.length;
  if (mean(false) < 0.8 && mean(true) > 0.95)
    throw new DataError(
      `${file}: ${percentOf(mean(false))} of the joints lie in their boxes, and ${percentOf(mean(true))} with x and y exchanged (${exampleOf(compared)}); write x before y`,
    );
  if (beside.length > 0.1 * compared.length)
    findings.add({
      grade: 'warning',
      code: 'joints-beside-boxes',
      cause: `${beside.length} of ${compared.length} people have half of their joints or more outside their boxes: the crops miss them`,
      count: beside.length,
      files: [...new Set(beside.map((person) => person.file))].slice(0, named),
      remedy: 'boxes are left, top, width, height in pixels of the picture: not the centre, not two corners; correct boxes or joints',
    });
}

function percentOf(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** @throws nothing; boxes that a list gives, MPII's are squares of our own */
function noteBoxes(people: readonly PlacedPerson[], findings: FindingList): void {
  for (const person of people) {
    if (person.listed.size && hasArea(person) && reachesBeyond(person))
      findings.add({
        grade: 'warning',
        code: 'boxes-beyond-pictures',
        cause: 'boxes reach beyond their pictures by more than a twentieth; the crops are black there',
        files: [person.file],
        remedy: 'boxes are x, y, width, height in pixels; correct those that are not',
      });
    const { left, top, width, height } = person.listed.box;
    const far = Math.max(width, height);
    if (
      hasArea(person) &&
      visible(person).some(([x, y]) => x < left - far || y < top - far || x > left + width + far || y > top + height + far)
    )
      findings.add({
        grade: 'warning',
        code: 'joints-far-from-their-box',
        cause: "people with a joint farther from their box than the box is long: these are another person's, or other units",
        files: [person.file],
        remedy: 'correct the joints or the boxes; both are pixels of the picture',
      });
  }
}

function noteTwice(people: readonly PlacedPerson[], findings: FindingList): void {
  const known = new Set<string>();
  for (const { file, listed } of people) {
    const key = `${file} ${listed.joints.join()}`;
    if (known.has(key))
      findings.add({
        grade: 'warning',
        code: 'same-person-twice',
        cause: 'people stand in the list twice, with the same joints in the same picture; they are counted twice',
        files: [file],
        remedy: 'take one of each out',
      });
    known.add(key);
  }
}

/** @throws DataError where most joints lie outside */
function hideOutside(people: readonly PlacedPerson[], file: string, findings: FindingList): PlacedPerson[] {
  let [all, outside] = [0, 0];
  const concerned = new Set<PlacedPerson>();
  const kept = people.map((person) => {
    const { shown, listed } = person;
    const joints = new Float32Array(listed.joints);
    for (let k = 0; k < joints.length; k += 3) {
      if (!((joints[k + 2] ?? 0) > 0)) continue;
      all++;
      const [x, y] = [joints[k] ?? 0, joints[k + 1] ?? 0];
      if (x >= -slack && y >= -slack && x <= shown.width - 1 + slack && y <= shown.height - 1 + slack) continue;
      joints[k + 2] = 0;
      outside++;
      concerned.add(person);
    }
    return concerned.has(person) ? { ...person, listed: { ...listed, joints } } : person;
  });
  if (2 * outside > all)
    throw new DataError(
      `${file}: ${outside} of ${all} visible joints lie outside their pictures (${exampleOf(concerned)}); they are not pixels of these pictures: correct the joints, or add the pictures that were labelled`,
    );
  if (outside > 0)
    findings.add({
      grade: 'warning',
      code: 'joints-outside-pictures',
      cause: `${outside} of ${all} visible joints lie outside their pictures and count as not visible; people concerned`,
      count: concerned.size,
      files: [...concerned].map((person) => person.file),
      remedy: 'correct them, if these people are to be learnt whole',
    });
  return kept;
}

function exampleOf(people: Iterable<PlacedPerson>): string {
  for (const { file, listed } of people) {
    const [x = 0, y = 0] = listed.joints.subarray(0, 2);
    const number = (v: number): string => String(Math.round(1000 * v) / 1000);
    return `${file}: box ${numbersOf(listed.box).map(number).join(', ')}, first joint ${number(x)}, ${number(y)}`;
  }
  return '';
}
