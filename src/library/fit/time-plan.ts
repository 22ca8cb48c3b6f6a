// How the time that was given is shared out. Everything that follows from clocks is settled here, once, and kept: what comes after is a
// function of the seed and of these numbers.

/** Of the time that is left after the look at the data, for the search; the rest trains. */
const searchShare = 0.4;
/** Some of the time stays for what no estimate knows of. */
const margin = 0.97;
/** The best so many of the search are trained, until one is left. */
const mostNetworks = 3;
/** When all but the best are left behind: after this share of the epochs. */
const rungShare = 0.25;
/** Validations in a training. */
const looks = 8;
/** Beyond this many, more epochs have not been seen to help. */
const mostEpochs = 300;

/** Seconds for the search. @param left seconds of all the time that is left @param ending seconds that the end takes */
export function searchSeconds(left: number, ending: number): number {
  return Math.max(0, searchShare * (left - ending));
}

export interface TrainingPlan {
  readonly networks: number;
  readonly epochs: number;
  /** Epochs after which the best goes on alone. */
  readonly rung: number;
  /** Epochs from one validation to the next; divides the rung. */
  readonly every: number;
}

export interface TrainingTimes {
  /** Seconds that are left for training. */
  readonly left: number;
  /** Seconds of an epoch's steps, and of a validation. */
  readonly epoch: number;
  readonly validation: number;
  /** Architectures that the search could train. */
  readonly candidates: number;
}

/** As many networks as give the one that is kept at least `leastEpochs` epochs. */
const leastEpochs = 8;

/** One epoch of one network at least, also where there is no time for it. */
export function trainingPlan({ left, epoch, validation, candidates }: TrainingTimes): TrainingPlan {
  const epochsOf = (networks: number): number => {
    // All train to the rung, one to the end; each is validated `looks` times in a whole training.
    const trainings = 1 + rungShare * (networks - 1);
    return Math.floor((margin * left - trainings * looks * validation) / (trainings * epoch));
  };
  let networks = Math.max(1, Math.min(mostNetworks, candidates));
  while (networks > 1 && epochsOf(networks) < leastEpochs) networks--;
  const epochs = Math.max(1, Math.min(mostEpochs, epochsOf(networks)));
  const every = Math.max(1, Math.floor(epochs / looks));
  const rung = networks === 1 ? epochs : Math.max(every, every * Math.round((rungShare * epochs) / every));
  return { networks, epochs, rung, every };
}
