// Checkpoints that PyTorch writes, in both of its formats, and ours that PyTorch reads; and what happens to damaged files.

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Tensor as OrtTensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/core/errors/index.js';
import {
  decodeTorchCheckpoint,
  exportNetwork,
  freshNetwork,
  importNetwork,
  type NetworkDescription,
  networkFile,
  readTorchCheckpoint,
  writeSafetensors,
} from '../../src/core/model/index.js';
import { imagenetNormalisation } from '../../src/core/nn/index.js';
import { seededRandom } from '../../src/core/random/index.js';
import { floatsOf } from '../../src/core/runtime/index.js';
import { genotypeToJson, parseGenotype, publishedGenotypes } from '../../src/core/space/index.js';
import { temporaryFolder } from '../data/fixtures.js';
import { mutations } from '../data/mutations.js';
import { portable } from '../graph/run.js';
import { maskDescription } from '../task/mask-task.js';
import { python, relativeDifference, Torch } from './torch.js';
import { randomFloats } from './values.js';

const genotype = parseGenotype(publishedGenotypes.arch1);
const description = {
  genotype,
  task: { task: 'segmentation', classes: ['a', 'b', 'c', 'd', 'e'] },
  width: 16,
  sepRepeats: 2,
  padding: 'torch',
  normalisation: imagenetNormalisation,
} satisfies NetworkDescription;
const args = { genotype: genotypeToJson(genotype), outputs: 5, width: 16, repeats: 2 };
const image = randomFloats(seededRandom(3), [1, 3, 64, 96], -2, 2);

/** A network with batch normalisation away from the identity, saved in the ways that are around. */
const saving = `
from network import Decoder, Encoder
torch.manual_seed(0)
class Segmenter(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder(); self.decoder = Decoder(args["genotype"], args["outputs"], args["width"], args["repeats"])
net = Segmenter()
for m in net.modules():
    if isinstance(m, torch.nn.BatchNorm2d):
        m.running_mean.uniform_(-0.3, 0.3); m.running_var.uniform_(0.5, 1.5)
        torch.nn.init.uniform_(m.weight, 0.5, 1.5); torch.nn.init.uniform_(m.bias, -0.3, 0.3)
net.eval()
with torch.no_grad(): outputs["logits"] = net.decoder(net.encoder(inputs["image"]))[0]
state = net.state_dict()
f = args["folder"]
torch.save(state, f + "/zip.pth")
torch.save(state, f + "/legacy.pth", _use_new_zipfile_serialization=False)
torch.save({"epoch": 3, "lr": 0.1, "state_dict": {"module." + k: v for k, v in state.items()}}, f + "/nested.pth")
torch.save({k.replace("encoder.", "0.", 1).replace("decoder.", "1.", 1): torch.nn.Parameter(v) if v.is_floating_point() else v for k, v in state.items()}, f + "/sequence.pth", _use_new_zipfile_serialization=False)
torch.save({k: v.t().contiguous().t() if v.dim() == 2 else v.to(memory_format=torch.channels_last) if v.dim() == 4 else v for k, v in state.items()}, f + "/strided.pth")
torch.save({k: v.double() if v.is_floating_point() else v for k, v in state.items()}, f + "/double.pth")
torch.save({k: v.half() if v.is_floating_point() else v for k, v in state.items()}, f + "/half.pth")
torch.save([1, 2, 3], f + "/list.pth")
torch.save({"w": torch.zeros(3, dtype=torch.complex64)}, f + "/complex.pth")
class Evil:
    def __reduce__(self): return (open, (f + "/owned", "w"))
import pickle
torch.save({"a": Evil(), "w": torch.zeros(3)}, f + "/evil.pth")
`;

const loading = `
from candidate import read_safetensors
from network import Decoder, Encoder
class Segmenter(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder(); self.decoder = Decoder(args["genotype"], args["outputs"], args["width"], args["repeats"], auxiliary=False)
net = Segmenter().eval()
tensors, metadata = read_safetensors(args["file"])
net.load_state_dict(tensors, strict=True)
with torch.no_grad(): outputs["logits"] = net.decoder(net.encoder(inputs["image"]))[0]
`;

describe.skipIf(python === undefined)('PyTorch checkpoints', () => {
  let torch: Torch;
  let folder: string;
  let expected: Float32Array;
  beforeAll(async () => {
    torch = new Torch();
    folder = await temporaryFolder();
    const { logits } = await torch.run(saving, { image }, { ...args, folder });
    expected = logits?.data ?? new Float32Array();
  });
  afterAll(() => torch.close());
  const at = (name: string): string => path.join(folder, `${name}.pth`);

  async function logitsOf(network: Parameters<typeof exportNetwork>[0]): Promise<Float32Array> {
    const session = await portable.open(exportNetwork(network));
    const results = await session.run({ image: new OrtTensor('float32', image.data, image.dims) });
    await session.release();
    return floatsOf(results, 'logits');
  }

  test.each(['zip', 'legacy', 'nested', 'sequence', 'strided', 'double'])('%s: the same outputs', async (name) => {
    const { network, auxiliary } = importNetwork(await readTorchCheckpoint(at(name)), description, name);
    expect(auxiliary).toBeGreaterThan(50);
    expect(relativeDifference(await logitsOf(network), expected)).toBeLessThan(1e-4);
  });

  test('half precision: nearly the same outputs', async () => {
    const { network } = importNetwork(await readTorchCheckpoint(at('half')), description, 'half');
    expect(relativeDifference(await logitsOf(network), expected)).toBeLessThan(0.02);
  });

  test('our weights load into PyTorch with strict=True', async () => {
    const network = freshNetwork(description, seededRandom(5));
    const file = path.join(folder, 'ours.safetensors');
    await writeSafetensors(file, networkFile(network));
    const { logits } = await torch.run(loading, { image }, { ...args, file });
    expect(relativeDifference(await logitsOf(network), logits?.data ?? [])).toBeLessThan(1e-4);
  });

  test('code in a pickle is not run', async () => {
    const tensors = await readTorchCheckpoint(at('evil'));
    expect([...tensors.keys()]).toEqual(['w']);
    await expect(readFile(path.join(folder, 'owned'))).rejects.toThrow(/ENOENT/);
  });

  test.each([
    ['list', /list\.pth: not a readable PyTorch checkpoint: no state dictionary in it/],
    ['complex', /complex\.pth: not a readable PyTorch checkpoint: values of type torch\.ComplexFloatStorage are not read/],
  ])('%s is refused', async (name, message) => {
    await expect(readTorchCheckpoint(at(name))).rejects.toThrow(message);
  });

  test('another genotype, another number of classes', async () => {
    const tensors = await readTorchCheckpoint(at('zip'));
    const other = { ...description, genotype: parseGenotype(publishedGenotypes.arch0) };
    expect(() => importNetwork(tensors, other, 'x.pth')).toThrow(/x\.pth: decoder\..* (is missing|has shape|has no place)/);
    const fewer = { ...description, task: maskDescription(2) };
    expect(() => importNetwork(tensors, fewer, 'x.pth')).toThrow(
      /decoder\.conv_clf\.weight has shape \[5, 16, 3, 3\], the network needs \[2, 16, 3, 3\]/,
    );
  });

  test.each(['zip', 'legacy'])('%s, damaged in 300 ways: an answer or a clear error', async (name) => {
    const bytes = await readFile(at(name));
    let refused = 0;
    for (const damaged of mutations(bytes, 300, seededRandom(11))) {
      try {
        decodeTorchCheckpoint(damaged, 'x.pth');
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
    await writeFile(path.join(folder, 'empty.pth'), '');
    await expect(readTorchCheckpoint(path.join(folder, 'empty.pth'))).rejects.toThrow(UserError);
  });
});
