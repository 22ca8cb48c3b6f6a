// Devices: what each piece of the search space takes on one, measured once, and the latency of networks predicted from it.

export { nonNegativeLeastSquares } from './least-squares.js';
export { fitPieces, type Measured, measureDevice, type MeasureOptions, pieceTimes, statisticOf } from './measure-device.js';
export {
  type LatencyMeasurement,
  latencyMeasurementSchema,
  type LatencyTask,
  parseLatencyMeasurement,
  type Quartiles,
  timeTasks,
} from './network-latency.js';
export { type CutNetwork, cutNetwork, type Piece, type PieceSetting } from './pieces.js';
export { cutProbes, randomGenotype, type SpaceDims } from './probes.js';
export { type DeviceProfile, deviceProfileSchema, latencyPredictor, parseDeviceProfile, sumOfPieces } from './profile.js';
export { timeNetworks, type TimingOptions } from './time-probes.js';
export { unmeasuredNote } from './unmeasured.js';
