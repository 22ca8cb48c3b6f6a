// Any architecture in words and as a picture.

import { type Architecture, isHandDesigned } from './architecture.js';
import { describeGenotype } from './describe.js';
import { drawDiagrams, drawGenotype } from './drawing.js';
import { handDesignedDiagram } from './hand-designed-diagram.js';
import { describeHandDesigned } from './hand-designed.js';

/** Lines of text. */
export function describeArchitecture(architecture: Architecture): string[] {
  return isHandDesigned(architecture) ? describeHandDesigned(architecture) : describeGenotype(architecture);
}

/** @returns a self-contained SVG document */
export function drawArchitecture(architecture: Architecture): string {
  if (!isHandDesigned(architecture)) return drawGenotype(architecture);
  return drawDiagrams([[`Decoder ${architecture.kind}`, handDesignedDiagram(architecture)]]);
}
