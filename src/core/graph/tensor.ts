// Symbolic tensors: values of a computation that is described here and carried out by ONNX Runtime.
//
// A graph is the set of nodes that can be reached from its outputs. There is no graph object and no registration:
// what cannot reach an output is neither lowered nor computed.

import { formatShape, GraphError, type Shape } from './dim.js';
import type { Lowering } from './lowering.js';
import type { Leaf, Op } from './op.js';

export type DType = 'float32' | 'int32' | 'int64';

export interface Tensor {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly node: Node;
  /** Which of its node's outputs this is. */
  readonly index: number;
}

export interface Node {
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /**
   * Vector-Jacobian product: the gradients of the inputs from those of the outputs (undefined where no gradient
   * arrives or none exists). Built as ordinary tensors; those nobody asks for are never reached.
   */
  readonly gradient?: (outputGradients: readonly (Tensor | undefined)[]) => readonly (Tensor | undefined)[];
  /**
   * Its outputs, maps that may lie blocked, are 0 in the padding channels where its inputs are. What does not say so may not
   * be blocked where there are any: an eˣ or 1/x of them would spoil all that is behind the next convolution.
   */
  readonly keepsZero?: boolean;
  /** Writes the node in terms of the engine. */
  readonly lower?: (to: Lowering, outputs: readonly Tensor[]) => void;
  /**
   * Writes the node, whose single output is a blocked map, as `addend + node` in one ONNX node and returns the
   * result's name; undefined when this node has no such form in that layout.
   */
  readonly lowerAccumulating?: (to: Lowering, addend: string) => string | undefined;
  /** The same with the result limited to [low, high] in that one node. */
  readonly lowerClipped?: (to: Lowering, low: number, high: number) => string | undefined;
}

export interface OpSpec extends Omit<Node, 'outputs'> {
  readonly shapes: readonly Shape[];
  readonly dtype?: DType;
}

/** Makes a node with one output per shape. */
export function defineNode(spec: OpSpec): Node {
  const { shapes, dtype = 'float32', ...rest } = spec;
  const outputs: Tensor[] = [];
  const node: Node = { ...rest, outputs };
  shapes.forEach((shape, index) => {
    outputs.push({ shape, dtype, node, index });
  });
  return node;
}

/** Makes a node with a single output and returns that. */
export function defineOp(spec: Omit<OpSpec, 'shapes'> & { readonly shape: Shape }): Tensor {
  const { shape, ...rest } = spec;
  return outputOf(defineNode({ ...rest, shapes: [shape] }), 0);
}

export function outputOf(node: Node, index: number): Tensor {
  const t = node.outputs[index];
  if (!t) throw new GraphError(`${node.op.kind} has no output ${index}`);
  return t;
}

/** How a tensor that is not computed gets its values; undefined for one that is. */
export function leafOf({ op }: Node): Leaf | undefined {
  return op.kind === 'input' || op.kind === 'parameter' || op.kind === 'constant' ? op : undefined;
}

/** A value fed at every run. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
  return defineOp({ op: { kind: 'input', name }, inputs: [], shape, dtype });
}

/** A trainable value or a running statistic; what it is bound to (data, another tensor) is said when lowering. */
export function parameter(name: string, shape: readonly number[]): Tensor {
  return defineOp({ op: { kind: 'parameter', name }, inputs: [], shape });
}

export function constant(data: Float32Array, shape: readonly number[]): Tensor;
export function constant(data: Int32Array, shape: readonly number[]): Tensor;
export function constant(data: BigInt64Array, shape: readonly number[]): Tensor;
export function constant(data: Float32Array | Int32Array | BigInt64Array, shape: readonly number[]): Tensor {
  const n = shape.reduce((a, b) => a * b, 1);
  if (n !== data.length) throw new GraphError(`constant: ${data.length} values for shape ${formatShape(shape)}`);
  const dtype = data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'int64';
  return defineOp({ op: { kind: 'constant', data }, inputs: [], shape, dtype });
}

export function scalar(value: number): Tensor {
  return constant(Float32Array.of(value), []);
}

/** Every node that `outputs` depend on, each after its inputs. */
export function topologicalOrder(outputs: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // An explicit stack: a training step is thousands of nodes deep.
  const stack: { node: Node; next: number }[] = [];
  const enter = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    stack.push({ node, next: 0 });
  };
  for (const output of outputs) {
    enter(output.node);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const child = top.node.inputs[top.next++];
      if (child) enter(child.node);
      else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}
