"""The PyTorch twin of `auxcell bench latency`: median time of the whole network for one image, eager, without gradients.

python3 bench/torch/latency.py [--genotype JSON ...] [--width 64] [--sep-repeats 2] [--size 480x360] [--threads 1]"""

import argparse
import json
import statistics
import time

import torch

from candidate import GENOTYPES
from network import Decoder, Encoder


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--genotype", action="append", type=json.loads)
    parser.add_argument("--classes", type=int, default=11)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--sep-repeats", type=int, default=2)
    parser.add_argument("--size", default="480x360")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    width, height = map(int, args.size.split("x"))
    image = torch.rand(1, 3, height, width) * 2 - 1
    for genotype in args.genotype or GENOTYPES[:3]:
        encoder = Encoder().eval()
        decoder = Decoder(genotype, args.classes, args.width, args.sep_repeats, auxiliary=False).eval()
        times = []
        with torch.no_grad():
            for i in range(args.runs + 5):
                start = time.perf_counter()
                decoder(encoder(image))
                if i >= 5:
                    times.append(1000 * (time.perf_counter() - start))
        print(json.dumps({"genotype": genotype, "median_ms": statistics.median(times)}), flush=True)


if __name__ == "__main__":
    main()
