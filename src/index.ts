// The library: `import { search, train, openModel, evaluate, exportModel, inspectData } from 'auxcell'`. See docs/library.md.

// The first: what follows asks where it runs.
import './platform/node/use-sqlite.js';

export { DataError } from './core/data/errors.js';
export { UserError } from './core/errors/index.js';
export { loadPreset, loadTrainPreset, parsePreset, parseTrainPreset, type Preset, type TrainPreset } from './core/preset/index.js';
export { seededRandom } from './core/random/index.js';
export {
  type Architecture,
  formatArchitecture,
  formatGenotype,
  type Genotype,
  genotypeToJson,
  handDesignedNames,
  type HandDesigned,
  parseArchitecture,
  parseGenotype,
} from './core/space/index.js';
export type { Costs, Outcome, Policy, PolicyReport, Proposal } from './core/policy/index.js';
export type { Depiction, InputSize } from './core/task/index.js';
export type { SearchObserver, Trial } from './core/search/index.js';
export { type DeviceProfile, profileDevice, type ProfileDeviceOptions } from './library/device.js';
export { type MeasureTrialsOptions, measureTrials } from './library/device-latency.js';
export * from './library/evaluate.js';
export * from './library/export-model.js';
export {
  fit,
  type FitExecution,
  type FitOptions,
  type FitOutcome,
  fitPreset,
  type FitPresetOptions,
  type ResumeFitOptions,
  resumeFit,
} from './library/fit/fit.js';
export type { FitFigures } from './library/fit/results.js';
export { type InspectDataOptions, inspectData, UnusableData } from './library/inspect-data.js';
export * from './library/model.js';
export {
  type NamedPicture,
  type PictureTime,
  type PredictedPictures,
  type PredictPicturesOptions,
  predictPictures,
} from './library/predict-pictures.js';
export type { Reporter } from './library/reporter.js';
export { type PolicyStart, type SearchExecution, type SearchOutcome, type SearchStart, SearchStopped } from './library/run-search.js';
export { type ResumeOptions, resumeSearch, search, type SearchOptions } from './library/search.js';
export * from './library/train.js';
export { type ReadTrials, type ReadTrialsOptions, readTrials, trialsCsv } from './library/trials.js';
export { type ServedModel, type ServeOptions, serve } from './server/serve/index.js';
