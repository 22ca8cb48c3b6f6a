// How the time that was given is shared out. Everything that follows from clocks is settled here, once, and kept: what comes after is a
// function of the seed and of these numbers.

/** Of the time that is left after the look at the data, for the search; the rest trains. */
const searchShare = 0.35;
/** Some of the time stays for what no estimate knows of. */
const margin = 0.97;
/** So many networks begin; the best of them after the first stage goes on. */
const mostNetworks = 3;
/** Of the time for training, for the first stage of all networks. */
const firstShare = 0.5;
/** Below this a first stage says too little of a network to be worth its time. */
const leastPasses = 2;
/** What each kept sample is seen so often, by the network that is fastest, as long as time and disk allow. */
const passes = 5;
const mostPasses = 12;
const mostBytes = 2 ** 30;
/** Validations of the whole network's training. */
const looks = 8;
/** Beyond this many, more epochs have not been seen to help. */
const mostEpochs = 300;
/** Several networks begin only where the one that goes on has at least so many epochs. */
const leastEpochs = 3;

/** Seconds for the search. @param left seconds of all the time that is left @param ending seconds that the end takes */
export function searchSeconds(left: number, ending: number): number {
  return Math.max(0, searchShare * (left - ending));
}

export interface NetworkPlan {
  /** Of the first stage: the decoder alone. */
  readonly first: number;
  /** Of the whole network, if it goes on. */
  readonly epochs: number;
  /** From one validation to the next. */
  readonly every: number;
}

export interface TrainingPlan {
  /** Augmented samples of the first stage. */
  readonly samples: number;
  /** In the order of the times. */
  readonly networks: readonly NetworkPlan[];
}

/** Seconds. */
export interface NetworkTimes {
  /** Of the decoder alone, a sample. */
  readonly decoder: number;
  /** Of the whole network, an epoch's steps. */
  readonly epoch: number;
}

export interface TrainingTimes {
  /** Seconds that are left for training. */
  readonly left: number;
  /** Seconds, and bytes, of the encoder's outputs on a sample. */
  readonly taps: number;
  readonly bytes: number;
  /** Seconds. */
  readonly validation: number;
  /** Images to train on. */
  readonly images: number;
  /** A batch of the first stage. */
  readonly batch: number;
  /** Of the architectures that may be trained, the best of the search first. */
  readonly networks: readonly NetworkTimes[];
}

/** An epoch of each stage of one network at least, also where there is no time for it. */
export function trainingPlan(times: TrainingTimes): TrainingPlan {
  for (let count = Math.min(mostNetworks, times.networks.length); count > 1; count--) {
    const plan = planOf({ ...times, networks: times.networks.slice(0, count) });
    if (plan.fits && plan.networks.every(({ epochs }) => epochs >= leastEpochs)) return plan;
  }
  return planOf({ ...times, networks: times.networks.slice(0, 1) });
}

/** All networks have the same time for the first stage, and the one that goes on all that is left. */
function planOf({ left, taps, bytes, validation, images, batch, networks }: TrainingTimes): TrainingPlan & { readonly fits: boolean } {
  const budget = margin * Math.max(0, left);
  const count = networks.length;
  const fastest = Math.min(...networks.map(({ decoder }) => decoder));
  const first = firstShare * budget - count * validation;
  const affordable = first / (taps + count * passes * fastest);
  // One pass over the images at least, where the time is not that short; more than the disk should hold never.
  const samples = Math.max(batch, Math.floor(Math.min(affordable, mostBytes / bytes, mostPasses * images)));
  const each = (first - samples * taps) / count;
  const firsts = networks.map(({ decoder }) => Math.max(1, Math.min(mostPasses, Math.floor(each / (samples * decoder)))));
  const fits = networks.every(({ decoder }) => each >= leastPasses * samples * decoder);
  const spent = samples * taps + firsts.reduce((sum, epochs, k) => sum + samples * epochs * (networks[k]?.decoder ?? 0) + validation, 0);
  return {
    fits,
    samples,
    networks: networks.map(({ epoch }, k) => {
      const epochs = Math.max(1, Math.min(mostEpochs, Math.floor((budget - spent - looks * validation) / epoch)));
      return { first: firsts[k] ?? 1, epochs, every: Math.ceil(epochs / looks) };
    }),
  };
}
