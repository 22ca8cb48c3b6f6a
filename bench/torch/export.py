"""The same network as an ONNX file of PyTorch's own exporter, with open batch, height and width: the peer that `bench/peer.js` times.

python3 bench/torch/export.py --weights arch0.safetensors --genotype JSON -o theirs.onnx [--width 64] [--sep-repeats 2] [--size 480x360]"""

import argparse
import json

import torch
from torch import nn

from candidate import GENOTYPES, read_safetensors
from network import Decoder, Encoder


class Network(nn.Module):
    def __init__(self, genotype, classes, width, repeats, same, expands_first):
        super().__init__()
        self.encoder = Encoder(same=same, expands_first=expands_first)
        self.decoder = Decoder(genotype, classes, width, repeats, auxiliary=False)

    def forward(self, image):
        logits, _ = self.decoder(self.encoder(image))
        return logits


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", required=True)
    parser.add_argument("--genotype", required=True, help="JSON, or 0 to 2: a published one")
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--sep-repeats", type=int, default=2)
    parser.add_argument("--size", default="480x360")
    parser.add_argument("-o", "--output", required=True)
    args = parser.parse_args()
    genotype = json.loads(args.genotype)
    genotype = GENOTYPES[genotype] if isinstance(genotype, int) else genotype
    tensors, metadata = read_safetensors(args.weights)
    classes = tensors["decoder.conv_clf.bias"].shape[0]
    network = Network(genotype, classes, args.width, args.sep_repeats, metadata.get("padding") == "tf-same",
                      "encoder.layer2.0.conv.0.weight" in tensors)
    state = {name: torch.as_tensor(tensor) for name, tensor in tensors.items()}
    missing, unexpected = network.load_state_dict(state, strict=False)
    lacking = [name for name in missing if not name.endswith("num_batches_tracked")]
    if lacking or unexpected:
        raise SystemExit(f"{args.weights}: lacks {lacking[:3]}, has besides {unexpected[:3]}")
    width, height = map(int, args.size.split("x"))
    open_axes = {"image": {0: "batch", 2: "height", 3: "width"}, "logits": {0: "batch", 2: "h", 3: "w"}}
    torch.onnx.export(network.eval(), torch.zeros(1, 3, height, width), args.output, opset_version=16,
                      input_names=["image"], output_names=["logits"], dynamic_axes=open_axes)


if __name__ == "__main__":
    main()
