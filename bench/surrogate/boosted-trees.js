// Gradient boosting of regression trees on squared error (J. Friedman, 2001): each tree fits what is left of the ones before, on a
// random part of the rows and of the columns.

/**
 * @param rows features, one array a row, each column of at most 256 different values
 * @returns a function from a row to a value
 */
export function boostedTrees(rows, targets, { trees = 200, depth = 5, rate = 0.08, rowShare = 0.7, columnShare = 0.3, least = 3 }, random) {
  const mean = targets.reduce((a, b) => a + b, 0) / targets.length;
  const left = Float64Array.from(targets, (target) => target - mean);
  const columns = binned(rows);
  const forest = [];
  for (let t = 0; t < trees; t++) {
    const some = random.permutation(rows.length).slice(0, Math.ceil(rowShare * rows.length));
    const seen = random
      .permutation(columns.length)
      .slice(0, Math.ceil(columnShare * columns.length))
      .map((c) => columns[c]);
    const tree = grow(left, some, seen, depth, least);
    for (const [i, row] of rows.entries()) left[i] -= rate * leafOf(tree, row);
    forest.push(tree);
  }
  return (row) => forest.reduce((sum, tree) => sum + rate * leafOf(tree, row), mean);
}

function leafOf(node, row) {
  while (node.column !== undefined) node = row[node.column] <= node.at ? node.low : node.high;
  return node.value;
}

/** Columns in which rows differ: the values in order, and of each row which one it has. */
function binned(rows) {
  return [...rows[0].keys()].flatMap((column) => {
    const values = [...new Set(rows.map((row) => row[column]))].sort((a, b) => a - b);
    if (values.length < 2) return [];
    const places = new Map(values.map((value, place) => [value, place]));
    return [{ column, values, bins: Uint8Array.from(rows, (row) => places.get(row[column])) }];
  });
}

function grow(targets, members, columns, depth, least) {
  const sum = members.reduce((n, i) => n + targets[i], 0);
  const leaf = { value: members.length === 0 ? 0 : sum / members.length };
  if (depth === 0 || members.length < 2 * least) return leaf;
  let best = { gain: 1e-12 };
  const counts = new Int32Array(256);
  const sums = new Float64Array(256);
  for (const { column, values, bins } of columns) {
    counts.fill(0, 0, values.length);
    sums.fill(0, 0, values.length);
    for (const i of members) {
      counts[bins[i]]++;
      sums[bins[i]] += targets[i];
    }
    let [count, part] = [0, 0];
    for (let k = 0; k < values.length - 1; k++) {
      count += counts[k];
      part += sums[k];
      const rest = members.length - count;
      if (counts[k] === 0 || count < least || rest < least) continue;
      const gain = part ** 2 / count + (sum - part) ** 2 / rest - sum ** 2 / members.length;
      if (gain > best.gain) best = { gain, column, bins, last: k, at: (values[k] + values[k + 1]) / 2 };
    }
  }
  if (best.column === undefined) return leaf;
  const { column, at, bins, last } = best;
  const [low, high] = [[], []];
  for (const i of members) (bins[i] <= last ? low : high).push(i);
  return { column, at, low: grow(targets, low, columns, depth - 1, least), high: grow(targets, high, columns, depth - 1, least) };
}
