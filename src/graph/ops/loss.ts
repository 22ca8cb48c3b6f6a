// The losses, with their gradients in closed form.

import { formatShape, GraphError, sameShape, sizeOf, staticShape } from '../dim.js';
import { scalar, type Tensor } from '../tensor.js';
import { withGradient } from './custom-gradient.js';
import { clip, div, exp, log, mul, sub } from './elementwise.js';
import { reduceMax, reduceSum, sumAll } from './reduce.js';

/** log softmax along axis 1: z − max z − ln Σ exp(z − max z). Composed: ONNX Runtime's LogSoftmax is slow there. */
export function logSoftmax(logits: Tensor): Tensor {
  const { value, probabilities } = logSoftmaxParts(logits);
  // dz = dy − softmax(z) · Σ dy
  return withGradient('logSoftmax', value, [logits], (dy) => [sub(dy, mul(probabilities(), reduceSum(dy, [1], true)))]);
}

/** softmax along axis 1. dz = y ∘ (dy − Σ dy ∘ y) */
export function softmax(logits: Tensor): Tensor {
  const { probabilities } = logSoftmaxParts(logits);
  const y = probabilities();
  return withGradient('softmax', y, [logits], (dy) => [mul(y, sub(dy, reduceSum(mul(dy, y), [1], true)))]);
}

function logSoftmaxParts(logits: Tensor): { value: Tensor; probabilities: () => Tensor } {
  const shifted = sub(logits, reduceMax(logits, 1));
  const exponentials = exp(shifted);
  const total = reduceSum(exponentials, [1], true);
  return { value: sub(shifted, log(total)), probabilities: () => div(exponentials, total) };
}

/**
 * Mean cross-entropy over the labelled pixels: −1/n Σ log softmax(z)[label].
 * dz = (softmax(z) − onehot) / n at labelled pixels, 0 elsewhere.
 * @param logits [B, K, H, W]
 * @param target one-hot [B, K, H, W] of `oneHot`: all zeros at ignored pixels. Several heads share it. Times a weight per
 *   class it gives the weighted mean of torch.nn.CrossEntropyLoss(weight): n is then the sum of the pixels' weights.
 */
export function softmaxCrossEntropy(logits: Tensor, target: Tensor): Tensor {
  if (!sameShape(logits.shape, target.shape))
    throw new GraphError(`softmaxCrossEntropy: logits ${formatShape(logits.shape)}, target ${formatShape(target.shape)}`);
  const { value, probabilities } = logSoftmaxParts(logits);
  const valid = reduceSum(target, [1], true);
  // A batch without a labelled pixel has loss 0, not 0/0.
  const count = clip(sumAll(valid), 1e-12, Number.MAX_SAFE_INTEGER);
  const loss = div(sub(scalar(0), sumAll(mul(value, target))), count);
  return withGradient('softmaxCrossEntropy', loss, [logits], (dy) => [mul(sub(mul(probabilities(), valid), target), div(dy, count))]);
}

/** Mean of (a − b)² over all values; da = 2 (a − b) / n, db = −da. */
export function meanSquaredError(a: Tensor, b: Tensor): Tensor {
  const n = sizeOf(staticShape(a.shape, 'meanSquaredError'));
  const difference = sub(a, b);
  return mul(sumAll(mul(difference, difference)), scalar(1 / n));
}
