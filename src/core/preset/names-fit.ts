// Keys of a preset that only mean something together.

/** What is looked at; which of it there is depends on the task. */
export interface Described {
  readonly task: string;
  readonly data: {
    readonly metaTrainShare: number;
    readonly joints?: readonly string[];
    readonly classes?: readonly string[];
    readonly ignore?: number;
    readonly mirrorPairs?: readonly (readonly [string, string])[] | undefined;
    readonly sigmas?: readonly number[] | undefined;
    readonly minDepth?: number;
    readonly maxDepth?: number;
  };
  readonly reward: { readonly excluded?: readonly number[]; readonly metric?: string };
  readonly train?: { readonly classWeights?: readonly number[] | undefined } | undefined;
}

/** What is wrong, key by key: names that are in no list, numbers that do not go with it, ranges without extent. */
export function namesFit({ task, data, reward, train }: Described): string[] {
  const { joints, classes, mirrorPairs: pairs = [], sigmas, ignore, minDepth, maxDepth } = data;
  const [key, names] = joints ? ['data.joints', joints] : ['data.classes', classes ?? []];
  const wrong: string[] = [];
  const twice = names.find((name, k) => names.indexOf(name) !== k);
  if (twice !== undefined) wrong.push(`${key}: "${twice}" stands there twice`);
  const paired = new Set<string>();
  for (const name of pairs.flat()) {
    if (!names.includes(name)) wrong.push(`data.mirrorPairs: "${name}" is not in ${key}`);
    else if (paired.has(name)) wrong.push(`data.mirrorPairs: "${name}" stands there twice; each has one counterpart`);
    paired.add(name);
  }
  if (sigmas && sigmas.length !== names.length)
    wrong.push(`data.sigmas: ${sigmas.length} number(s) for ${names.length} joint(s); give one for each, in the order of ${key}`);
  if (classes && ignore !== undefined && ignore < classes.length && classes.length < 3)
    wrong.push(`data.ignore: ${ignore} is "${classes[ignore]}", so that only one of ${key} is left to learn`);
  if (classes) wrong.push(...excludedFit(classes, reward.excluded ?? []));
  if (train?.classWeights) wrong.push(...weightsFit(task, classes, train.classWeights));
  if (minDepth !== undefined && maxDepth !== undefined && minDepth >= maxDepth)
    wrong.push(`data.maxDepth: ${maxDepth} is not beyond data.minDepth ${minDepth}; both are metres`);
  return wrong;
}

/** Labels that the reward leaves out are classes, and leave some. */
function excludedFit({ length }: readonly string[], excluded: readonly number[]): string[] {
  const stranger = excluded.find((label) => label >= length);
  if (stranger !== undefined)
    return [`reward.excluded: there is no label ${stranger} with ${length} classes (0 … ${length - 1}); correct it`];
  return new Set(excluded).size === length ? ['reward.excluded: every class is in it; leave one that is rewarded'] : [];
}

/** A weight for every class, one of them above 0. */
function weightsFit(task: string, classes: readonly string[] | undefined, weights: readonly number[]): string[] {
  if (!classes) return [`train.classWeights: ${task} has no classes; leave it out`];
  if (weights.length !== classes.length)
    return [`train.classWeights: has ${weights.length} weights for ${classes.length} classes; give one of each, in their order`];
  return weights.some((weight) => weight > 0) ? [] : ['train.classWeights: all are 0; give those that are to be learnt a weight'];
}
