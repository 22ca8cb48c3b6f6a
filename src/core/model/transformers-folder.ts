// A folder as transformers.js (https://github.com/huggingface/transformers.js) takes it: its image-segmentation pipeline
// opens it as a local model. SegFormer's classes are the ones whose model file is nothing but `pixel_values` → `logits`.

import { files, path } from '../platform/index.js';
import type { SegmentationDescription, Validated } from '../task/index.js';
import type { NetworkDescription } from './network-file.js';

/** transformers.js' names of model files by precision. */
export const transformersFiles = { float32: 'model.onnx', float16: 'model_fp16.onnx', int8: 'model_quantized.onnx' } as const;

/** The input's name in the model. */
export const transformersInput = 'pixel_values';

/** PIL's number of a resampling that does not alias: transformers.js' bilinear one takes four pixels of however many. */
const resample = 1;

interface FolderNetwork extends Pick<NetworkDescription, 'normalisation'> {
  readonly task: SegmentationDescription;
}

/** All that may be written into the folder. */
export function transformersFolderFiles(folder: string): string[] {
  const models = Object.values(transformersFiles).map((name) => path.join('onnx', name));
  return ['config.json', 'preprocessor_config.json', ...models].map((name) => path.join(folder, name));
}

function processorSize(validated: Validated) {
  return validated.kind === 'resize' ? { width: validated.width, height: validated.height } : { shortest_edge: validated.side };
}

/**
 * Writes config.json, preprocessor_config.json and the models below onnx/.
 * @param models not normalising, with input `pixel_values`
 * @param network images are resized as it was validated; where it does not say, they go in as they are
 */
export async function writeTransformersFolder(
  folder: string,
  { task: { classes, ignore, background, validated }, normalisation }: FolderNetwork,
  models: Readonly<Partial<Record<keyof typeof transformersFiles, Uint8Array>>>,
): Promise<string[]> {
  await files().makeFolder(path.join(folder, 'onnx'));
  const config = {
    architectures: ['SegformerForSemanticSegmentation'],
    model_type: 'segformer',
    num_labels: classes.length,
    id2label: Object.fromEntries(classes.map((name, id) => [id, name])),
    label2id: Object.fromEntries(classes.map((name, id) => [name, id])),
    ...(ignore !== undefined && { semantic_loss_ignore_index: ignore }),
  };
  const preprocessor = {
    image_processor_type: 'SegformerImageProcessor',
    do_resize: validated !== undefined,
    ...(validated && { size: processorSize(validated), resample }),
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: normalisation.mean,
    image_std: normalisation.std,
    // No key of transformers.js, which leaves alpha out: for whoever prepares photographs for it.
    ...(background && { background }),
  };
  const written: string[] = [];
  const write = async (name: string, content: string | Uint8Array): Promise<void> => {
    await files().replace(path.join(folder, name), content);
    written.push(path.join(folder, name));
  };
  await write('config.json', `${JSON.stringify(config, null, 2)}\n`);
  await write('preprocessor_config.json', `${JSON.stringify(preprocessor, null, 2)}\n`);
  for (const [precision, name] of Object.entries(transformersFiles)) {
    const model = Object.entries(models).find(([key]) => key === precision)?.[1];
    if (model) await write(path.join('onnx', name), model);
  }
  return written;
}
