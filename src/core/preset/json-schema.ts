// The JSON Schema of presets: for editors, which complete and check keys by it, and for docs/presets.md.

import { z } from 'zod';
import { presetSchema, trainPresetSchema } from './preset.js';

/** As much of a JSON Schema as presets use. */
const node = z.looseObject({
  get properties() {
    return z.record(z.string(), node).optional();
  },
  get oneOf() {
    return z.array(node).optional();
  },
  get items() {
    return z.union([node, z.boolean()]).optional();
  },
  get prefixItems() {
    return z.array(node).optional();
  },
  get additionalProperties() {
    return z.union([node, z.boolean()]).optional();
  },
  get anyOf() {
    return z.array(node).optional();
  },
  type: z.string().optional(),
  description: z.string().optional(),
  unit: z.string().optional(),
  const: z.string().optional(),
  enum: z.array(z.string()).optional(),
  default: z.unknown().optional(),
  required: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
});

export type JsonSchema = z.output<typeof node>;

/** A file of the folder of presets. */
export const presetSchemaFile = 'preset.schema.json';

/**
 * A variant a task. A key that only a search needs may be absent where there is a section `train`. What keys mean together
 * (`reward.excluded` among `data.classes`) is checked when a preset is read, not here.
 */
export function presetJsonSchema(): JsonSchema {
  const searches = variants(presetSchema);
  const trainings = variants(trainPresetSchema);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Preset of Auxcell',
    oneOf: searches.map((search, i) => {
      const always = trainings[i]?.required?.filter((key) => search.required?.includes(key)) ?? [];
      const only = (required: readonly string[] = []): JsonSchema => ({ required: required.filter((key) => !always.includes(key)) });
      return { ...search, required: always, anyOf: [only(search.required), only(trainings[i]?.required)] };
    }),
  };
}

function variants(schema: z.ZodType): JsonSchema[] {
  // What is written into a file: a key with a default may be absent.
  const whole = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // The largest whole number that JavaScript knows is no bound that anybody set.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return node.parse(whole).oneOf ?? [];
}
