// Looks at all of a data set before anything is trained on it: what is there, and what would go wrong.

import { type Dataset, type Finding, FindingList, type Sample } from '../data/index.js';
import type { TaskName } from '../task/index.js';
import { type DataCard, type SplitName, splitNames } from './data-card.js';
import { type DepthRange, DepthTally } from './depth-tally.js';
import type { PictureFacts, SampleFacts } from './facts.js';
import { fingerprintOf, keepCard, keptCard } from './kept-cards.js';
import { MaskTally } from './mask-tally.js';
import { PeopleTally } from './people-tally.js';
import { PictureTally } from './picture-tally.js';
import { scanSamples } from './scan.js';

export interface InspectOptions {
  readonly folder: string;
  /** Depths that are learnt, where they are known. */
  readonly range?: DepthRange | undefined;
  readonly threads: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal | undefined;
}

const taskOf = { masks: 'segmentation', depth: 'depth', joints: 'pose' } as const satisfies Record<string, TaskName>;

/** Reads every file, unless a card of the same files was kept. @throws AbortError */
export async function inspectDataset(dataset: Dataset, { folder, range, onProgress, ...options }: InspectOptions): Promise<DataCard> {
  const fingerprint = await fingerprintOf(dataset, { folder, range });
  const kept = await keptCard(fingerprint);
  if (kept) return kept;
  const { labelling } = dataset;
  const samples = splitNames.flatMap((split) => dataset[split].map((sample) => ({ split, sample })));
  const pictures = new PictureTally();
  const truths = truthTally(dataset, range);
  const faults = new FindingList();
  const known = new Map<string, PictureFacts | undefined>();
  const named = new Set<string>();
  const requests = samples.map(({ sample }) => {
    const skipsPicture = named.has(sample.image);
    named.add(sample.image);
    return { sample, skipsPicture };
  });
  const onFacts = (index: number, facts: SampleFacts): void => {
    const at = samples[index];
    if (!at) throw new RangeError(`facts of sample ${index} of ${samples.length}`);
    const { image } = at.sample;
    if (!known.has(image)) known.set(image, facts.picture);
    const picture = known.get(image);
    pictures.add(at.split, image, picture);
    truths.add(at.split, at.sample, facts, picture);
    for (const { file, reason } of facts.faults)
      faults.add({
        grade: 'error',
        code: 'unreadable',
        cause: 'files cannot be read',
        files: [`${file}: ${reason}`],
        remedy: 'replace them, or take them out of the lists',
      });
    onProgress?.(index + 1, samples.length);
  };
  await scanSamples(requests, labelling, onFacts, options);
  const findings = [faults.list(), dataset.findings, skippedFindings(dataset), truths.findings(), pictures.findings()].flat();
  const card: DataCard = {
    folder,
    layout: dataset.layout,
    task: taskOf[labelling.kind],
    splits: splitNames.map((name) => pictures.split(name)),
    truth: truths.card(),
    findings: sorted(findings),
  };
  await keepCard(fingerprint, card);
  return card;
}

interface TruthTally {
  add(split: SplitName, sample: Sample, facts: SampleFacts, picture: PictureFacts | undefined): void;
  findings(): Finding[];
  card(): DataCard['truth'];
}

function truthTally({ labelling }: Dataset, range: DepthRange | undefined): TruthTally {
  switch (labelling.kind) {
    case 'masks': {
      const tally = new MaskTally(labelling);
      return {
        add: (split, sample, { truth }, picture) => {
          if ('mask' in sample && truth?.kind === 'labels') tally.add(split, sample.mask, truth, picture, sample.image);
        },
        findings: () => tally.findings(),
        card: () => tally.card(),
      };
    }
    case 'depth': {
      const tally = new DepthTally(labelling, range);
      return {
        add: (split, sample, { truth }, picture) => {
          if ('depth' in sample && truth?.kind === 'depth') tally.add(split, sample.depth, truth, picture, sample.image);
        },
        findings: () => tally.findings(),
        card: () => tally.card(),
      };
    }
    case 'joints': {
      const tally = new PeopleTally(labelling.joints);
      return {
        add: (split, sample) => {
          if ('person' in sample) tally.add(split, sample);
        },
        findings: () => tally.findings(),
        card: () => tally.card(),
      };
    }
  }
}

function skippedFindings({ skipped }: Dataset): Finding[] {
  return skipped.map(({ reason, count }) => ({
    grade: 'note',
    code: 'left-out',
    cause: `left out of the data: ${reason}`,
    count,
    files: [],
    remedy: 'nothing is to be done where that is right',
  }));
}

/** Errors first; of the same grade, as they were found. */
function sorted(findings: readonly Finding[]): DataCard['findings'] {
  const list = new FindingList();
  for (const finding of findings) list.add(finding);
  return list.list().map((finding) => ({ ...finding, files: [...finding.files] }));
}
