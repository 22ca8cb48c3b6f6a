// The graph: symbolic tensors, ops with their gradients, and the two lowerings to ONNX.

export * from './dim.js';
export * from './gradient.js';
export {
  lowerGraph,
  type LowerOptions,
  opsets,
  portableTarget,
  type Quantisation,
  type Target,
  webgpuTarget,
} from './onnx/emitter.js';
export type { Layout, Lowering } from './lowering.js';
export type { Activation, Op, OpKind, ResizeMode } from './op.js';
export { modelProblem } from './onnx/contents.js';
export { type NonFinite, nonFiniteInitialiser } from './onnx/non-finite.js';
export { encodeModel, readMetadata } from './onnx/proto.js';
export * from './ops/batch-norm.js';
export { conv2d, convMultiplyAdds, type ConvOptions } from './ops/conv2d.js';
export type { Pads } from './ops/conv-geometry.js';
export * from './ops/custom-gradient.js';
export * from './ops/elementwise.js';
export * from './ops/gather.js';
export * from './ops/loss.js';
export * from './ops/mean.js';
export * from './ops/matmul.js';
export * from './ops/max-pool.js';
export * from './ops/pool.js';
export * from './ops/reduce.js';
export * from './ops/resize.js';
export * from './ops/shape.js';
export * from './ops/zeros.js';
export * from './optimiser.js';
export { constant, type DType, input, parameter, scalar, type Tensor, topologicalOrder } from './tensor.js';
