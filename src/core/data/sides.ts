// Left and right by name: which joint, or which class, is which in the mirror.

/** Numbers of two names that change places in the mirror. */
export type SidePair = readonly [number, number];

/** Left and right, as words that stand by themselves or begin or end a longer one. */
const sideWords = [
  ['left', 'right'],
  ['links', 'rechts'],
  ['linke', 'rechte'],
  ['linker', 'rechter'],
  ['linkes', 'rechtes'],
  ['gauche', 'droite'],
  ['gauche', 'droit'],
  ['izquierdo', 'derecho'],
  ['izquierda', 'derecha'],
  ['esquerdo', 'direito'],
  ['esquerda', 'direita'],
  ['sinistro', 'destro'],
  ['sinistra', 'destra'],
  ['左', '右'],
] as const;

/** What an l or r may be written together with: lsho and rsho are shoulders, lip and rip are none. */
const bodyPart =
  /^(eye|eyebrow|brow|ear|cheek|sho|shoulder|elb|elbow|wri|wrist|arm|forearm|upperarm|hand|thumb|finger|palm|breast|hip|thigh|leg|calf|kne|knee|shin|ank|ankle|foot|feet|heel|toe|toes|bigtoe|paw|hoof|wing|fin|shoe|sock|glove|sleeve)$/;

/** One way to read a side out of a name. */
interface Reading {
  readonly side: 'left' | 'right';
  /** The name without its side, and how that is written: the counterpart has the same. */
  readonly rest: string;
  readonly tokens: readonly string[];
  /** The name says so alone; otherwise only together with its counterpart. */
  readonly sure: boolean;
}

/** `Shoulder_L` → shoulder, l; `LEye` → l, eye; `leftEye2` → left, eye, 2. */
function tokensOf(name: string): string[] {
  const tokens = name.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lo}+|\p{N}+/gu) ?? [];
  return tokens.map((token) => token.toLowerCase());
}

/** The likeliest first: words, single letters, letters and words written together with others. */
function readings(name: string): Reading[] {
  const tokens = tokensOf(name);
  const [words, letters, joined]: [Reading[], Reading[], Reading[]] = [[], [], []];
  tokens.forEach((token, i) => {
    const read = (list: Reading[], side: Reading['side'], written: string, left: readonly string[], sure: boolean): void => {
      const rest = [...tokens.slice(0, i), ...left, ...tokens.slice(i + 1)];
      list.push({ side, rest: [...tokens.slice(0, i), `<${written}>`, ...left, ...tokens.slice(i + 1)].join(' '), tokens: rest, sure });
    };
    sideWords.forEach((pair, p) => {
      pair.forEach((word, s) => {
        const side = s === 0 ? 'left' : 'right';
        if (token === word) read(words, side, String(p), [], true);
        else if (token.startsWith(word)) read(joined, side, `${p} before`, [token.slice(word.length)], /\p{Lo}/u.test(word));
        else if (token.endsWith(word)) read(joined, side, `${p} behind`, [token.slice(0, -word.length)], /\p{Lo}/u.test(word));
      });
    });
    const [letter = '', part = ''] = [token.slice(0, 1), token.slice(1)];
    if (letter !== 'l' && letter !== 'r') return;
    const side = letter === 'l' ? 'left' : 'right';
    // L5 may be a vertebra.
    if (part === '') read(letters, side, 'letter', [], !/^\p{N}/u.test(tokens[i + 1] ?? ''));
    else if (bodyPart.test(part)) read(joined, side, 'letter before', [part], false);
  });
  return [...words, ...letters, ...joined];
}

/**
 * Names that are alike but for their side: `left_knee` and `right_knee`, `Hip_L` and `Hip_R`, `LEye` and `REye`, `hip.l` and
 * `hip.r`, `lsho` and `rsho`. The left one comes first.
 */
export function sidePairs(names: readonly string[]): SidePair[] {
  const all = names.map(readings);
  const taken = new Set<number>();
  const pairs: SidePair[] = [];
  const most = Math.max(0, ...all.map((list) => list.length));
  for (let rank = 0; rank < most; rank++)
    all.forEach((list, k) => {
      const reading = list[rank];
      if (!reading || taken.has(k)) return;
      const twin = all.findIndex(
        (others, j) => j !== k && !taken.has(j) && others.some(({ side, rest }) => side !== reading.side && rest === reading.rest),
      );
      if (twin < 0) return;
      taken.add(k).add(twin);
      pairs.push(reading.side === 'left' ? [k, twin] : [twin, k]);
    });
  return pairs.toSorted(([a], [b]) => a - b);
}

/** For every name the one on the other side, or itself. @param pairs of the names' sides, unless they are known otherwise */
export function mirrorOrder(names: readonly string[], pairs: readonly SidePair[] = sidePairs(names)): number[] {
  const order = names.map((_, k) => k);
  for (const [a, b] of pairs) {
    order[a] = b;
    order[b] = a;
  }
  return order;
}

/** Names that say a side by themselves and are in no pair. */
export function unpairedSides(names: readonly string[], pairs: readonly SidePair[]): string[] {
  const paired = new Set(pairs.flat());
  const known = new Set(names.map((name) => tokensOf(name).join(' ')));
  return names.filter((name, k) => {
    if (paired.has(k)) return false;
    const tokens = tokensOf(name);
    // Beside an upper lip u_lip, l_lip is the lower one; beside f_wheel, r_wheel is the rear one.
    const isOther = tokens.some((token, i) => {
      const other = { l: 'u', r: 'f' }[token];
      return other !== undefined && known.has(tokens.with(i, other).join(' '));
    });
    return !isOther && readings(name).some(({ sure }) => sure);
  });
}

/** Which side a name says; of one that says none, undefined. */
export function sideOf(name: string): 'left' | 'right' | undefined {
  return readings(name)[0]?.side;
}

/** As COCO writes it: `Shoulder_L` and `LShoulder` are `left_shoulder`. */
export function plainName(name: string): string {
  const [reading] = readings(name);
  return reading ? [reading.side, ...reading.tokens].join('_') : tokensOf(name).join('_');
}
