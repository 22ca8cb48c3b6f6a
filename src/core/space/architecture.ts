// What a network's decoder is: a genotype of the search space, or one that people designed.

import { canonicalKey } from './canonical.js';
import { formatGenotype, type Genotype, genotypeToJson, parseGenotype, publishedGenotype } from './genotype.js';
import { handDesigned, type HandDesigned } from './hand-designed.js';

export type Architecture = Genotype | HandDesigned;

export function isHandDesigned(architecture: Architecture): architecture is HandDesigned {
  return 'kind' in architecture;
}

/**
 * From a hand-designed decoder's name, a published genotype's name, or a genotype as JSON.
 * @throws GenotypeError as `parseGenotype` does
 */
export function parseArchitecture(text: string): Architecture {
  return handDesigned(text) ?? parseGenotype(publishedGenotype(text) ?? text);
}

/** What `parseArchitecture` reads: the name, or the genotype as JSON. */
export function formatArchitecture(architecture: Architecture): string {
  return isHandDesigned(architecture) ? architecture.kind : formatGenotype(architecture);
}

/** The same as a value of JSON. */
export function architectureToJson(architecture: Architecture): string | ReturnType<typeof genotypeToJson> {
  return isHandDesigned(architecture) ? architecture.kind : genotypeToJson(architecture);
}

/** Equal where two architectures are the same network, up to the names of its weights. */
export function architectureKey(architecture: Architecture): string {
  return isHandDesigned(architecture) ? architecture.kind : canonicalKey(architecture);
}
