// The loop: a policy proposes, an executor evaluates, the policy learns from the reward, the store keeps it. Results are
// observed in the order in which they come; with one candidate at a time that order, and with it every trial, is
// the same whenever the search is stopped and resumed.

import { reasonOf, UserError } from '../errors/index.js';
import type { EncoderWeights } from '../nn/index.js';
import type { Costs, Objective, Policy, PolicyReport, Proposal } from '../policy/index.js';
import { seededRandom } from '../random/index.js';
import type { TaskDescription } from '../task/index.js';
import { canonicalKey, type Genotype, genotypeToJson } from '../space/index.js';
import type { DecoderRecipe, StepReport } from '../train/index.js';
import { BestNetwork } from './best-network.js';
import { CostMeter, type Limits, overLimit, SmallestCost } from './candidate-cost.js';
import { scoreFault } from './check-evaluation.js';
import type { EarlyStop } from './early-stop.js';
import type { Evaluation } from './evaluate.js';
import { type CandidateJob, candidateRandom, type Executor, ExecutorUnusable } from './executor.js';
import type { RunFolder } from './run-folder.js';
import { LiveBoard } from './live.js';
import { type MachineError, machineErrorOf, SearchPaused } from './machine-error.js';
import { type InheritanceRule, Nursery, withoutInheritance } from './nursery.js';
import { type SoftLatency, softReward } from './soft-reward.js';
import type { StoredProposal, TrialDetail, TrialStore } from './trial-store.js';
import { Suspicion } from './suspicion.js';
import type { Trial } from './trial.js';

export interface SearchObserver {
  onCandidate?(index: number, genotype: Genotype): void;
  onStep?(index: number, report: StepReport): void;
  onValidation?(index: number): void;
  onEvent?(kind: string, index: number, detail: string): void;
  /** @param best so far; undefined while every candidate has failed */
  onTrial?(trial: Trial, best: Trial | undefined): void;
}

export interface SearchOptions {
  readonly run: RunFolder;
  readonly store: TrialStore;
  readonly policy: Policy;
  readonly executor: Executor;
  readonly stop?: EarlyStop | undefined;
  /** How children begin with their parents' weights; absent: everyone begins anew. */
  readonly inheritance?: InheritanceRule | undefined;
  readonly encoder: EncoderWeights;
  readonly task: TaskDescription;
  readonly decoder: Pick<DecoderRecipe, 'width' | 'sepRepeats'>;
  /** [height, width] at which costs are counted. */
  readonly inputSize: readonly [number, number];
  readonly seed: number;
  readonly candidates: number;
  /** What was proposed before an interruption and is to be evaluated again. */
  readonly pending?: readonly StoredProposal[];
  /** Another run's trials, by canonical key: their rewards count for equal networks. */
  readonly known?: ReadonlyMap<string, { readonly trial: Trial; readonly source: string }>;
  /** What is proposed beyond them is no candidate: the strategy is told and asked again. */
  readonly limits?: Limits | undefined;
  /** What is wanted beside the reward, of strategies that can want more. */
  readonly objectives?: readonly Objective[] | undefined;
  /** Measures a network, where there is a limit to its latency or that is an objective. */
  readonly latencyOf?: (genotype: Genotype) => Promise<number>;
  /** Whether latency is predicted, so that every candidate's is known. */
  readonly timesAll?: boolean | undefined;
  /** Where latency is part of the reward. */
  readonly softLatency?: SoftLatency | undefined;
  /** Size of the deployed model, where that is an objective. */
  readonly bytesOf?: (genotype: Genotype) => number;
  /** No candidate is begun later than this many hours after the start. */
  readonly hours?: number | undefined;
  /** Asked before each candidate: whether one more may be begun; absent: yes. */
  readonly mayBegin?: (() => boolean) | undefined;
  /** Keeps the images of these numbers for looking at: a trial that has pictures of them is about to be kept. */
  readonly keepPhotos?: ((images: readonly number[]) => Promise<void>) | undefined;
  readonly observer?: SearchObserver;
  /** Ends the search; candidates in hand are dropped, everything before is kept. */
  readonly signal?: AbortSignal;
}

export interface SearchResult {
  /** By index, those of earlier sessions of the run too. */
  readonly trials: readonly Trial[];
  readonly interrupted: boolean;
  /** How many proposals were beyond the limits, in earlier sessions too: they took no worker and are no trials. */
  readonly refused: number;
  /** Why best.safetensors is not the best trial's network, where it is not and could not be made so. */
  readonly bestMissing: string | undefined;
}

/** How a candidate ended. */
type Landing =
  | { readonly how: 'evaluated'; readonly evaluation: Evaluation & { readonly worker?: string } }
  | { readonly how: 'reused'; readonly from: Trial; readonly source: string }
  | { readonly how: 'failed'; readonly reason: string; readonly seconds: number }
  /** The machine's error: no result. */
  | { readonly how: 'lost'; readonly error: MachineError; readonly seconds: number }
  /** The equal network that it waited for has to come again. */
  | { readonly how: 'postponed' }
  | { readonly how: 'aborted' };

/** A candidate in hand. */
interface Flight {
  readonly proposal: StoredProposal;
  readonly landed: Promise<{ readonly proposal: StoredProposal; readonly cost: Costs; readonly landing: Landing }>;
}

/** In an earlier session a candidate lost so many workers: two tries, twice. */
const lostBefore = 4;
/** Proposals beyond the limits, one after the other, before the search says that nothing fits; one that had to be measured counts as four. */
const mostRefused = 1000;
const measuredCounts = 4;
/** After so many of them people are told. */
const toldRefused = 100;
/** Tries to have the best network again whose weights were lost. */
const bestTries = 3;

/**
 * @throws UserError when none of many proposals is within the limits
 * @throws SearchPaused when the machine, not an architecture, keeps candidates from being evaluated: nothing is lost, and the search
 * can be resumed; ExecutorUnusable
 */
export async function search(options: SearchOptions): Promise<SearchResult> {
  const { store, policy, executor, stop, candidates, hours = Number.POSITIVE_INFINITY, observer = {}, signal } = options;
  const started = performance.now();
  store.begin(policy.state(), stop?.state());
  const earlier = store.trials();
  const finished = new Map(earlier.map((trial) => [trial.key, trial]));
  let best = bestOf(earlier);
  // Of those whose weights are ours.
  let bestOwn = bestOf(earlier.filter(({ reusedFrom }) => reusedFrom === undefined));
  const pending = [...(options.pending ?? [])];
  /** Those that lost their workers, and equal ones: once others have been evaluated, or at last. */
  const postponed: StoredProposal[] = [];
  const suspicion = new Suspicion();
  /** How many workers each candidate lost in earlier sessions. */
  const lostEarlier = new Map<number, number>();
  const bestNetwork = new BestNetwork(options);
  const live = new LiveBoard(store);
  const meter = new CostMeter(options);
  const nursery = options.inheritance && (await Nursery.open(options.inheritance, options.run, store));
  const { limits = {} } = options;
  let refused = Number(store.get('refused') ?? 0);
  const flights = new Map<number, Flight>();
  /** Networks in hand, and who waits for them. */
  const inHand = new Map<string, Waiting>();
  let next = Math.max(0, ...earlier.map(({ index }) => index), ...pending.map(({ index }) => index)) + 1;

  /** A proposal within the limits. @returns undefined when the time is over, or when nothing fits and others are in hand */
  const propose = async (): Promise<StoredProposal | undefined> => {
    const smallest = new SmallestCost(limits);
    let inRow = 0;
    for (let effort = 0; effort < mostRefused; ) {
      if (inRow > 0 && !mayBegin()) return undefined;
      if (inRow > 0 && inRow % toldRefused === 0)
        observer.onEvent?.('limits', next, `${inRow} architectures in a row were beyond them; the smallest had ${smallest}`);
      const drawn = await policy.propose();
      const cost = await meter.costOf(drawn.genotype);
      const excess = overLimit(cost, limits);
      if (!excess) {
        const index = next++;
        const { genotype, logProbability } = drawn;
        const parent = drawn.parent && finished.get(canonicalKey(drawn.parent));
        const inherited = parent && nursery?.inheritanceOf(parent.index);
        const earlyStop = stop?.ticket(seededRandom(options.seed).fork('early stop', index));
        const ticket = inherited ? { progressive: earlyStop?.progressive, inherited } : earlyStop;
        const proposal = { index, genotype, key: canonicalKey(genotype), logProbability, ticket };
        store.propose(proposal);
        return proposal;
      }
      refused++;
      inRow++;
      effort += cost.latency === undefined || options.timesAll ? 1 : measuredCounts;
      smallest.see(cost);
      noteDropped(await policy.refuse?.(drawn, excess.violation));
    }
    // What is in hand may yet teach the strategy.
    if (flights.size > 0) return undefined;
    throw new UserError(
      `${options.run.folder}: none of ${inRow} architectures that ${policy.name} proposed in a row is within the limits; the smallest had ${smallest}: raise the limits`,
    );
  };
  const noteDropped = ({ dropped }: PolicyReport = {}, index?: number): void => {
    if (!dropped) return;
    const detail = `${dropped} update(s) of the strategy were not finite numbers and were dropped`;
    store.note('update dropped', index, detail);
    if (index !== undefined) observer.onEvent?.('update dropped', index, detail);
  };
  const launch = async (proposed: StoredProposal): Promise<void> => {
    const { index, genotype, key } = proposed;
    let proposal = proposed;
    if (!lostEarlier.has(index)) lostEarlier.set(index, store.eventCount('worker lost', index));
    observer.onCandidate?.(index, genotype);
    live.take(index);
    const cost = await meter.costOf(genotype);
    const twin = finished.get(key);
    const elsewhere = options.known?.get(key);
    const waiting = inHand.get(key);
    let landing: Promise<Landing>;
    if (twin) landing = Promise.resolve({ how: 'reused', from: twin, source: String(twin.index) });
    else if (elsewhere) landing = Promise.resolve({ how: 'reused', from: elsewhere.trial, source: elsewhere.source });
    else if (waiting) landing = waiting.finished.then(afterTwin);
    else {
      inHand.set(key, waitingFor());
      let job: CandidateJob = (await nursery?.jobOf(proposed)) ?? { index, genotype, ticket: proposed.ticket };
      if (proposed.ticket?.inherited && !job.inherited) {
        proposal = withoutInheritance(proposed);
        job = { ...job, ticket: proposal.ticket };
        const detail = 'the weights that it was to inherit are gone; it begins anew';
        store.note('weights gone', index, detail);
        observer.onEvent?.('weights gone', index, detail);
      }
      landing = fly(options, job, live);
    }
    flights.set(index, { proposal, landed: landing.then((value) => ({ proposal, cost, landing: value })) });
  };
  /** One that lost its workers before, where that is due. @param atLast nothing else is left */
  const comesAgain = (atLast: boolean): StoredProposal | undefined => {
    // Of equal ones the first: the others wait for it.
    const isFirst = ({ key }: StoredProposal, i: number): boolean => postponed.findIndex((other) => other.key === key) === i;
    const at = postponed.findIndex((proposal, i) => isFirst(proposal, i) && (atLast || suspicion.mayComeAgain(proposal.index)));
    return at < 0 ? undefined : postponed.splice(at, 1)[0];
  };
  const mayBegin = (): boolean => !signal?.aborted && performance.now() - started < hours * 3_600_000 && (options.mayBegin?.() ?? true);

  try {
    for (;;) {
      while (flights.size < executor.slots && mayBegin()) {
        const again = comesAgain(false);
        const fresh = again ? undefined : (pending.shift() ?? (next <= candidates ? await propose() : undefined));
        if (again) await launch(again);
        else if (fresh && postponed.some(({ key }) => key === fresh.key)) postponed.push(fresh);
        else if (fresh) await launch(fresh);
        else {
          const last = flights.size === 0 ? comesAgain(true) : undefined;
          if (!last) break;
          await launch(last);
        }
      }
      if (flights.size === 0) break;
      const change = executor.slotsChange?.();
      const landed = await Promise.race([...[...flights.values()].map((flight) => flight.landed), ...(change ? [change] : [])]);
      if (!landed) continue;
      const { proposal, cost, landing } = landed;
      flights.delete(proposal.index);
      const isTwin = landing.how === 'reused' || landing.how === 'postponed';
      const waiting = isTwin ? undefined : inHand.get(proposal.key);
      if (waiting) inHand.delete(proposal.key);
      if (landing.how === 'aborted') {
        waiting?.resolve('dropped');
        continue;
      }
      if (landing.how === 'postponed') {
        postponed.push(proposal);
        continue;
      }
      if (landing.how === 'lost') {
        const { message, suspect } = landing.error;
        const condemned = (lostEarlier.get(proposal.index) ?? 0) >= lostBefore && bestOwn !== undefined;
        const verdict = suspect ? suspicion.judge(proposal.index, condemned) : 'machine';
        if (verdict === 'machine') {
          store.note('paused', proposal.index, message);
          throw new SearchPaused(
            `${options.run.folder}: architecture #${proposal.index} could not be evaluated, through no fault of its own: ${message}. Nothing is lost: mend that and resume the search`,
          );
        }
        if (verdict === 'later') {
          store.note('postponed', proposal.index, message);
          observer.onEvent?.('postponed', proposal.index, `${message}; it comes again later`);
          live.drop(proposal.index);
          postponed.push(proposal);
          waiting?.resolve('later');
          continue;
        }
      }
      const reward = rewardOf(landing, cost, options.softLatency);
      if (landing.how === 'evaluated') {
        stop?.observe(landing.evaluation, proposal.ticket);
        suspicion.evaluated();
      }
      const { dropped, ...report } = await policy.observe(asProposal(proposal), reward, { costs: cost, failed: hasFailed(landing) });
      noteDropped({ dropped }, proposal.index);
      const trial = trialOf(options, proposal, cost, { landing, reward }, report);
      if (landing.how === 'evaluated' && (!bestOwn || trial.reward > bestOwn.reward)) {
        bestOwn = trial;
        const fault = await bestNetwork.keep(proposal.genotype, landing.evaluation.parameters);
        // Its reward counts; its weights are made again at the end, if it is the best still.
        if (fault !== undefined) store.note('weights lost', proposal.index, fault);
      }
      if (landing.how === 'evaluated' && nursery) {
        const { parameters } = landing.evaluation;
        const underWay = [...flights.values()].map((flight) => flight.proposal);
        const best = bestOwn && store.proposal(bestOwn.index);
        await nursery.keep(trial, proposal, parameters, [...pending, ...postponed, ...underWay, best]);
      }
      if (landing.how === 'evaluated') await keepPhotos(options, trial.index, landing.evaluation);
      if (!store.finish(trial, { ...detailOf(landing), refused }, policy.state(), stop?.state()))
        throw new UserError(
          `${options.run.folder}: architecture #${trial.index} is no longer in search.db as one in hand: something else has changed the database; resume the search to go on with what it says`,
        );
      live.drop(proposal.index);
      if (trial.error === undefined && (!best || trial.reward > best.reward)) best = trial;
      if (!finished.has(trial.key)) finished.set(trial.key, trial);
      waiting?.resolve(trial);
      observer.onTrial?.(trial, best);
    }
    const bestMissing = bestOwn && (await settleBest(options, bestNetwork, bestOwn, nursery));
    return { trials: store.trials(), interrupted: signal?.aborted === true, refused, bestMissing };
  } catch (error) {
    if (error instanceof UserError) throw error;
    // Of the disk that the run lies on, say.
    const fault = machineErrorOf(error);
    throw fault ? new SearchPaused(`${options.run.folder}: ${fault.message}. Nothing is lost: mend that and resume the search`) : error;
  } finally {
    live.close();
  }
}

/**
 * Has the best trial's network evaluated again where best.safetensors is not it: its weights never came, or the file was damaged. With
 * the candidate's own generator it is the same network.
 * @returns what is wrong with the file all the same
 */
async function settleBest(
  options: SearchOptions,
  bestNetwork: BestNetwork,
  best: Trial,
  nursery: Nursery | undefined,
): Promise<string | undefined> {
  const { store, executor, observer = {}, signal } = options;
  let fault = await bestNetwork.fault(best);
  const proposal = fault === undefined ? undefined : store.proposal(best.index);
  for (let tries = 0; fault !== undefined && proposal && tries < bestTries && !signal?.aborted; tries++) {
    store.note('best again', best.index, fault);
    observer.onEvent?.('best again', best.index, `${fault}; the best network is evaluated again`);
    const { index, genotype, ticket } = proposal;
    const job = (await nursery?.jobOf(proposal)) ?? { index, genotype, ticket, insist: true };
    // Begun anew it would be another network.
    if (best.inherited && !job.inherited) return `${fault}, and the weights that it began with are gone`;
    try {
      const { parameters } = await executor.evaluate(job, { signal });
      fault = await bestNetwork.keep(genotype, parameters);
    } catch (error) {
      if (error instanceof ExecutorUnusable) throw error;
      fault = reasonOf(error);
    }
  }
  return fault;
}

/** The trial, once it is kept. */
type Twin = Trial | 'dropped' | 'later';

interface Waiting {
  readonly finished: Promise<Twin>;
  readonly resolve: (twin: Twin) => void;
}

function waitingFor(): Waiting {
  let resolve: Waiting['resolve'] = () => {};
  const finished = new Promise<Twin>((done) => {
    resolve = done;
  });
  return { finished, resolve };
}

/** The same network was in hand when this one was proposed. */
function afterTwin(twin: Twin): Landing {
  if (twin === 'dropped') return { how: 'aborted' };
  return twin === 'later' ? { how: 'postponed' } : { how: 'reused', from: twin, source: String(twin.index) };
}

/** The best of those that could be trained. */
export function bestOf(trials: readonly Trial[]): Trial | undefined {
  return trials
    .filter(({ error }) => error === undefined)
    .reduce<Trial | undefined>((best, trial) => (!best || trial.reward > best.reward ? trial : best), undefined);
}

function asProposal({ genotype, logProbability }: StoredProposal): Proposal {
  return { genotype, ...(logProbability !== undefined && { logProbability }) };
}

async function fly(
  options: SearchOptions,
  { index, genotype, ticket, inherited, insist }: CandidateJob,
  live: LiveBoard,
): Promise<Landing> {
  const { executor, store, observer = {}, signal } = options;
  const begun = performance.now();
  try {
    const evaluation = await executor.evaluate(
      { index, genotype, ticket, inherited, insist },
      {
        onWorker: (worker) => live.note(index, { worker }),
        onStep: (report) => {
          live.note(index, { doing: 'training', step: report });
          observer.onStep?.(index, report);
        },
        onValidation: () => {
          live.note(index, { doing: 'validation' });
          observer.onValidation?.(index);
        },
        onEvent: (kind, detail) => {
          store.note(kind, index, detail);
          observer.onEvent?.(kind, index, detail);
        },
        signal,
      },
    );
    const fault = scoreFault(evaluation);
    if (fault !== undefined) throw new Error(fault);
    return { how: 'evaluated', evaluation };
  } catch (error) {
    if (signal?.aborted) return { how: 'aborted' };
    if (error instanceof ExecutorUnusable) throw error;
    const seconds = (performance.now() - begun) / 1000;
    const fault = machineErrorOf(error);
    if (fault) return { how: 'lost', error: fault, seconds };
    // An architecture that cannot be trained is worth nothing, and the search goes on.
    return { how: 'failed', reason: reasonOf(error), seconds };
  }
}

function hasFailed(landing: Landing): boolean {
  return landing.how === 'reused' ? landing.from.error !== undefined : landing.how !== 'evaluated';
}

/** What a trial is worth does not depend on whether its images can be looked at. */
async function keepPhotos({ store, keepPhotos }: SearchOptions, index: number, { pictures = [] }: Evaluation): Promise<void> {
  await keepPhotos?.(pictures.map(({ image }) => image)).catch((error: unknown) => store.note('picture lost', index, reasonOf(error)));
}

function detailOf(landing: Landing): TrialDetail {
  if (landing.how !== 'evaluated') return {};
  const { epochs, breakdown, pictures, worker } = landing.evaluation;
  return { epochs, breakdown, worker, ...(pictures && { pictures }) };
}

/** What the strategy learns from. Who is reused had latency in its reward already. */
function rewardOf(landing: Landing, { latency }: Costs, soft: SoftLatency | undefined): number {
  if (landing.how === 'reused') return landing.from.reward;
  if (landing.how !== 'evaluated') return 0;
  const { reward } = landing.evaluation;
  return soft && latency !== undefined ? softReward(reward, latency, soft) : reward;
}

function trialOf(
  options: SearchOptions,
  proposal: StoredProposal,
  { parameters, multiplyAdds, latency, modelBytes }: Costs,
  { landing, reward }: { readonly landing: Landing; readonly reward: number },
  report: Trial['policy'],
): Trial {
  const { index, genotype, key, logProbability, ticket } = proposal;
  const [height, width] = options.inputSize;
  const common = {
    index,
    genotype: mutableJson(genotype),
    key,
    parameters,
    multiplyAdds,
    ...(latency !== undefined && { latency }),
    ...(modelBytes !== undefined && { modelBytes }),
    inputSize: [height, width] satisfies [number, number],
    seed: candidateRandom(options.seed, index).state().seed,
    policy: { ...(logProbability !== undefined && { logProbability }), ...report },
  };
  switch (landing.how) {
    case 'evaluated': {
      const { metrics, loss, stage, rungs, device, trainSeconds, validationSeconds } = landing.evaluation;
      return {
        ...common,
        reward,
        metrics: { ...metrics },
        loss,
        stage,
        ...(rungs.length > 0 && { rungs: [...rungs] }),
        ...(ticket?.inherited && { inherited: { from: ticket.inherited.from, generation: ticket.inherited.generation } }),
        ...(device !== undefined && { device }),
        seconds: { training: trainSeconds, validation: validationSeconds },
      };
    }
    case 'reused': {
      const { metrics, loss, stage, error } = landing.from;
      const reused = { reward, metrics, loss, stage, seconds: { training: 0, validation: 0 }, reusedFrom: landing.source };
      return { ...common, ...reused, ...(error !== undefined && { error }) };
    }
    default: {
      const [reason, seconds] =
        landing.how === 'failed'
          ? [landing.reason, landing.seconds]
          : landing.how === 'lost'
            ? [`${landing.error.message}, while others could be evaluated`, landing.seconds]
            : ['', 0];
      return { ...common, reward: 0, metrics: {}, loss: null, stage: 0, seconds: { training: seconds, validation: 0 }, error: reason };
    }
  }
}

function mutableJson(genotype: Genotype): Trial['genotype'] {
  const [cell, connections] = genotypeToJson(genotype);
  return [cell.map((part) => (typeof part === 'number' ? part : [...part])), connections.map((pair) => [...pair])];
}
