// What was seen as a file, as `predict` writes it: labels and depths as PNG, joints as JSON.

import { encodeDepth } from '../../src/core/data/encode-depth.js';
import { encodeMask } from '../../src/core/data/encode-mask.js';
import { fittingDepthScale, namedJoints } from '../../src/core/model/seen.js';
import { channelNames } from '../../src/core/task/channels.js';
import type { TaskDescription } from '../../src/core/task/description.js';
import type { Depiction } from '../../src/core/task/task.js';

interface DownloadButtonProps {
  readonly depiction: Depiction;
  readonly task: TaskDescription;
}

export function DownloadButton({ depiction, task }: DownloadButtonProps) {
  const { name, what } = kinds[depiction.kind];
  const save = (): void => {
    const url = URL.createObjectURL(fileOf(depiction, task));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    // Once the download has begun.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return (
    <button type="button" onClick={save}>
      download {what}
    </button>
  );
}

const kinds = {
  labels: { name: 'mask.png', what: 'the mask' },
  depth: { name: 'depth.png', what: 'the depth map' },
  joints: { name: 'joints.json', what: 'the joints' },
} as const;

function fileOf(depiction: Depiction, task: TaskDescription): Blob {
  const names = channelNames(task);
  switch (depiction.kind) {
    case 'labels':
      return png(encodeMask(depiction, names.length));
    case 'depth':
      return png(encodeDepth(depiction, fittingDepthScale(task)));
    case 'joints':
      return new Blob([JSON.stringify({ people: [namedJoints(depiction.joints, names)] })], { type: 'application/json' });
  }
}

function png(bytes: Uint8Array): Blob {
  return new Blob([new Uint8Array(bytes)], { type: 'image/png' });
}
