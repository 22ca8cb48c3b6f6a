// docs/presets.md: every key of a preset, from the schema that presets are checked by.

import type { JsonSchema } from '../../core/preset/index.js';

interface Row {
  readonly key: string;
  readonly schema: JsonSchema;
  readonly need: string;
}

const intro = `# Presets

Everything that a search or a full training needs to know but where the data is: a YAML file. Those that come with the
package are named without their ending (\`--preset camvid\`); your own is a copy of one with your classes in it:

\`\`\`sh
cp presets/camvid.yaml mine.yaml
bin/auxcell search --data path/to/images --preset mine.yaml
\`\`\`

A key that is wrong, missing or unknown is named before anything is begun. [fit](fit.md) writes a preset for a folder by itself.

**In an editor** with a YAML language server (VS Code with the extension YAML, Neovim, IntelliJ, …) keys are completed, explained
and checked while you write, by [preset.schema.json](../presets/preset.schema.json), which the first line of a preset names:

\`\`\`yaml
# yaml-language-server: $schema=node_modules/auxcell/presets/preset.schema.json
\`\`\`

The path is seen from the preset; in a copy elsewhere correct it.

This page is made from the same schema (\`npm run docs:presets\`). *Absent*: the key may be left out, and what it says is not done.
A default that stands in the table is what an absent key means. The paper's own values are those of \`presets/voc-cvpr19.yaml\`.
`;

/** @param schema of `presetJsonSchema` */
export function presetPage(schema: JsonSchema): string {
  const variants = schema.oneOf ?? [];
  const first = variants[0]?.properties ?? {};
  const isCommon = (key: string): boolean =>
    variants.every(({ properties }) => JSON.stringify(properties?.[key]) === JSON.stringify(first[key]));
  const common = Object.keys(first).filter(isCommon);
  // What is chosen by its kind has a section of its own, once for all places.
  const kinds = new Map<string, JsonSchema>();
  const own = variants.map((variant) => {
    const rows = rowsOf(variant, kinds).filter(({ key }) => !common.includes(key.split('.')[0] ?? ''));
    const name = variant.properties?.['task']?.const ?? '';
    return `## ${name[0]?.toUpperCase()}${name.slice(1)}\n\n${table(rows)}\n`;
  });
  const shared = common.map((key) => ({ key, rows: rowsOf(pickOf(variants[0] ?? {}, key), kinds) }));
  const all = `## Of every task\n\n${table(
    shared.flatMap(({ rows }) => rows.slice(0, 1)),
    true,
  )}\n`;
  const groups = shared.flatMap(({ key, rows }) => (rows.length > 1 ? [`## ${key}\n\n${table(rows.slice(1))}\n`] : []));
  const chosen = [...kinds].map(([key, { description = '', oneOf = [] }]) => {
    const parts = oneOf.map((kind) => {
      const told = kind.properties?.['kind'];
      const rows = rowsOf(kind, kinds).filter((row) => row.key !== 'kind');
      return `\`kind: ${told?.const ?? ''}\`: ${told?.description ?? ''}\n${rows.length > 0 ? `\n${table(rows)}\n` : ''}`;
    });
    return `## ${key}\n\n${description}\n\n${parts.join('\n')}`;
  });
  return [intro, ...own, all, ...groups, ...chosen].join('\n');
}

function pickOf(variant: JsonSchema, key: string): JsonSchema {
  const property = variant.properties?.[key];
  return { ...variant, properties: property ? { [key]: property } : {} };
}

/** Keys of an object, those of objects in it behind dots. */
function rowsOf(object: JsonSchema, kinds: Map<string, JsonSchema>, path = ''): Row[] {
  return Object.entries(object.properties ?? {}).flatMap(([name, schema]) => {
    const key = path === '' ? name : `${path}.${name}`;
    if (schema.oneOf) kinds.set(name, schema);
    return [{ key, schema, need: needOf(object, name, schema) }, ...rowsOf(schema, kinds, key)];
  });
}

function needOf(object: JsonSchema, name: string, { default: byDefault }: JsonSchema): string {
  if (byDefault !== undefined) return `\`${valueText(byDefault)}\``;
  if (object.required?.includes(name)) return 'required';
  const [search, train] = (object.anyOf ?? []).map(({ required }) => required);
  if (search?.includes(name)) return 'required by a search';
  return train?.includes(name) ? 'required by `train`' : 'absent';
}

/** @param linked keys in it have sections of their own */
function table(rows: readonly Row[], linked = false): string {
  const lines = rows.map(({ key, schema, need }) =>
    [
      `\`${key}\``,
      linked && schema.properties ? `[keys](#${anchor(key)})` : typeOf(schema, key),
      schema.unit ?? '',
      need,
      rangeOf(schema),
      schema.description ?? '',
    ].join(' | '),
  );
  return ['| key | type | unit | default | range | effect |', '|---|---|---|---|---|---|', ...lines.map((line) => `| ${line} |`)].join(
    '\n',
  );
}

function typeOf(schema: JsonSchema, key: string): string {
  const { type, oneOf, enum: names, const: only, items, prefixItems } = schema;
  if (oneOf) return `[by its kind](#${anchor(key.split('.').at(-1))})`;
  if (only !== undefined) return `\`${only}\``;
  if (names) return names.map((name) => `\`${name}\``).join(', ');
  if (prefixItems) return `[${prefixItems.map((item) => typeOf(item, key)).join(', ')}]`;
  if (type === 'array') return `list of ${typeof items === 'object' ? typeOf(items, key) : 'anything'}`;
  if (type === 'object') return schema.properties ? 'keys' : `names to ${valuesOf(schema, key)}`;
  return { integer: 'whole number', number: 'number', boolean: '`true`, `false`', string: 'text' }[type ?? ''] ?? '';
}

function valuesOf({ additionalProperties: values }: JsonSchema, key: string): string {
  return typeof values === 'object' ? typeOf(values, key) : 'anything';
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, minItems, maxItems, prefixItems, type }: JsonSchema): string {
  if (type === 'array') {
    if (prefixItems || minItems === undefined) return '';
    return maxItems === undefined ? `at least ${minItems}` : `${minItems} to ${maxItems} of them`;
  }
  const low = minimum === undefined ? undefined : `≥ ${minimum}`;
  const lowest = exclusiveMinimum === undefined ? low : `> ${exclusiveMinimum}`;
  const high = maximum === undefined ? undefined : `≤ ${maximum}`;
  const highest = exclusiveMaximum === undefined ? high : `< ${exclusiveMaximum}`;
  return [lowest, highest].filter((part) => part !== undefined).join(', ');
}

function valueText(value: unknown): string {
  return JSON.stringify(value).replaceAll('"', '').replaceAll(',', ', ').replaceAll(':', ': ');
}

/** Of a section's heading. */
function anchor(key = ''): string {
  return key.toLowerCase();
}
