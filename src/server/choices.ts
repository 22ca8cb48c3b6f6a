// What a genotype chose, from its text as it is stored: by hand, as there are a hundred thousand of them.

/** [[first op, [position, position, op, op], …], [[input, input], …]] */
const form = /^\[\[\d{1,3}(?:,\[\d{1,3},\d{1,3},\d{1,3},\d{1,3}\])*\],\[\[\d{1,3},\d{1,3}\](?:,\[\d{1,3},\d{1,3}\])*\]\]$/;

/** Tells the ops and the blocks' inputs, one by one; nothing of a genotype of a form that this version does not know. */
export function readChoices(genotype: string, onOp: (op: number) => void, onInput: (input: number) => void): void {
  if (!form.test(genotype)) return;
  const cellEnds = genotype.indexOf('],[[');
  let [value, count] = [-1, 0];
  for (let i = 0; i < genotype.length; i++) {
    const digit = genotype.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) {
      value = (value < 0 ? 0 : 10 * value) + digit;
      continue;
    }
    if (value < 0) continue;
    if (i > cellEnds) onInput(value);
    // The first op, and the last two of every four numbers.
    else if (count % 4 === 0 || count % 4 === 3) onOp(value);
    count++;
    value = -1;
  }
}
