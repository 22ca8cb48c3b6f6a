// The losses, with their gradients in closed form.

import { formatShape, GraphError, sameShape, sizeOf, staticShape } from '../dim.js';
import { scalar, type Tensor } from '../tensor.js';
import { withGradient } from './custom-gradient.js';
import { add, clip, div, exp, greater, log, mul, neg, relu, sub } from './elementwise.js';
import { reduceMax, reduceSum, sumAll } from './reduce.js';
import { reshape } from './shape.js';

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

/**
 * Reverse Huber loss (Laina et al., arXiv 1606.00373, section 3.3) over the pixels where `mask` is 1:
 * r = a − b, c = share · max |r|; |r| where |r| ≤ c, else (r² + c²) / 2c; their mean.
 * da = sign r / n or r / (c n). c is taken as given: no gradient goes through it.
 * @param mask 1 or 0, of the same shape
 */
export function berHu(a: Tensor, b: Tensor, mask: Tensor, share = 0.2): Tensor {
  const residual = mul(sub(a, b), mask);
  const size = add(relu(residual), relu(neg(residual)));
  const n = sizeOf(staticShape(a.shape, 'berHu'));
  const largest = reshape(reduceMax(reshape(size, [1, n]), 1), []);
  // Where all is right already, there is no 0/0.
  const c = clip(mul(largest, scalar(share)), 1e-6, Number.MAX_SAFE_INTEGER);
  const beyond = greater(size, c);
  const quadratic = div(add(mul(size, size), mul(c, c)), mul(c, scalar(2)));
  const count = countOf(mask);
  const loss = div(sumAll(mul(mask, add(mul(size, sub(scalar(1), beyond)), mul(quadratic, beyond)))), count);
  return withGradient('berHu', loss, [a], (dy) => {
    const sign = sub(greater(residual, scalar(0)), greater(neg(residual), scalar(0)));
    const slope = add(mul(sign, sub(scalar(1), beyond)), mul(div(residual, c), beyond));
    return [mul(slope, div(dy, count))];
  });
}

/**
 * Scale-invariant error in log space (Eigen et al., arXiv 1406.2283, section 3.2) over the pixels where `mask` is 1:
 * g = ln a − ln b; mean g² − λ (mean g)².
 * @param a positive @param b positive where `mask` is 1
 */
export function scaleInvariantLog(a: Tensor, b: Tensor, mask: Tensor, lambda = 0.5): Tensor {
  const target = add(mul(b, mask), sub(scalar(1), mask));
  const g = mul(sub(log(clip(a, 1e-3, Number.MAX_SAFE_INTEGER)), log(target)), mask);
  const count = countOf(mask);
  const mean = div(sumAll(g), count);
  return sub(div(sumAll(mul(g, g)), count), mul(mul(mean, mean), scalar(lambda)));
}

/**
 * Σ weight · (a − b)² over all values, divided by the sum of the weights *as they are given*: with a weight per map, [B, K, 1, 1],
 * that is the mean over the maps that count of each one's sum (not mean) of squares over its pixels; with a weight per value
 * their weighted mean. 0 where no weight is.
 * @param weight of a shape that broadcasts to a's, not negative
 */
export function weightedSquaredError(a: Tensor, b: Tensor, weight: Tensor): Tensor {
  const difference = mul(sub(a, b), weight);
  return div(sumAll(mul(difference, sub(a, b))), countOf(weight));
}

/** How many count: never 0, so that a batch without any has loss 0. */
function countOf(mask: Tensor): Tensor {
  return clip(sumAll(mask), 1e-12, Number.MAX_SAFE_INTEGER);
}
