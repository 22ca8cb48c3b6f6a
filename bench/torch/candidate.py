"""The PyTorch twin of `auxcell bench candidate`: workload W1 (CamVid at 240x176, 44 steps of 16 cached taps, validation).

python3 bench/torch/candidate.py --data DIR --weights mobilenet-v2.safetensors [--genotype JSON ...] [--workers N] [--threads N]
prints one JSON line a genotype. With several workers each candidate runs that many times at once, one thread each."""

import argparse
import json
import multiprocessing
import os
import resource
import struct
import time

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from network import Decoder, Encoder, resize

WIDTH, HEIGHT, CLASSES, BATCH, EPOCHS = 240, 176, 11, 16, 2
GENOTYPES = [
    [[8, [0, 0, 5, 2], [0, 2, 8, 8], [0, 5, 1, 4]], [[3, 3], [3, 2], [3, 0]]],
    [[2, [1, 0, 3, 6], [0, 1, 2, 8], [2, 0, 6, 1]], [[2, 3], [3, 1], [4, 4]]],
    [[5, [0, 0, 4, 1], [3, 2, 0, 1], [5, 6, 5, 0]], [[1, 3], [4, 3], [2, 2]]],
    [[9, [1, 0, 10, 8], [3, 4, 1, 2], [7, 3, 0, 9]], [[2, 3], [0, 2], [1, 3]]],
    [[7, [1, 1, 0, 1], [1, 2, 3, 1], [4, 2, 3, 8]], [[1, 2], [0, 4], [2, 1]]],
    [[7, [1, 1, 3, 0], [3, 4, 2, 7], [3, 3, 6, 5]], [[2, 1], [2, 1], [2, 3]]],
    [[7, [1, 0, 6, 10], [3, 3, 1, 8], [5, 6, 10, 1]], [[3, 2], [0, 3], [0, 1]]],
    [[6, [0, 0, 5, 1], [1, 4, 5, 6], [6, 4, 10, 10]], [[0, 2], [3, 4], [3, 1]]],
]


def read_safetensors(path):
    with open(path, "rb") as f:
        (length,) = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(length))
        body = f.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            continue
        start, end = entry["data_offsets"]
        tensors[name] = torch.from_numpy(np.frombuffer(body[start:end], dtype="<f4").reshape(entry["shape"]).copy())
    return tensors, metadata


def load(folder, name):
    images, masks = [], []
    with open(os.path.join(folder, name)) as f:
        for line in f.read().splitlines():
            image, mask = (os.path.join(folder, part) for part in line.split("\t"))
            rgb = np.asarray(Image.open(image).convert("RGB").resize((WIDTH, HEIGHT), Image.BILINEAR), dtype=np.float32)
            images.append(torch.from_numpy(rgb / 127.5 - 1).permute(2, 0, 1))
            masks.append(torch.from_numpy(np.asarray(Image.open(mask).resize((WIDTH, HEIGHT), Image.NEAREST)).astype(np.int64)))
    return torch.stack(images), torch.stack(masks)


def taps_of(encoder, images):
    with torch.no_grad():
        parts = [encoder(images[i:i + 16]) for i in range(0, len(images), 16)]
    return [torch.cat(tap) for tap in zip(*parts)]


def candidate(genotype, seed, data):
    train_taps, train_masks, val_taps, val_masks = data
    torch.manual_seed(seed)
    start = time.perf_counter()
    net = Decoder(genotype, CLASSES, 48, 1).train()
    optimiser = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-5)
    average = [p.detach().clone() for p in net.parameters()]
    n, losses = len(train_masks), []
    ce = lambda y, target: F.cross_entropy(resize(y, target.shape[-2:]), target, ignore_index=CLASSES)
    for epoch in range(EPOCHS):
        order = torch.randperm(n)
        losses = []
        for k in range(n // BATCH):
            rows = order[k * BATCH:(k + 1) * BATCH]
            logits, aux = net([t[rows] for t in train_taps])
            target = train_masks[rows]
            main = ce(logits, target)
            loss = main + 0.15 * sum(ce(a, target) for a in aux)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 3)
            optimiser.step()
            with torch.no_grad():
                torch._foreach_mul_(average, 0.9)
                torch._foreach_add_(average, list(net.parameters()), alpha=0.1)
            losses.append(main.item())
    train_s = time.perf_counter() - start
    start = time.perf_counter()
    with torch.no_grad():
        for p, a in zip(net.parameters(), average):
            p.copy_(a)
        net.eval()
        confusion = torch.zeros(CLASSES * CLASSES, dtype=torch.int64)
        for i in range(0, len(val_masks), 16):
            logits, _ = net([t[i:i + 16] for t in val_taps])
            prediction = resize(logits, (HEIGHT, WIDTH)).argmax(1)
            truth = val_masks[i:i + 16]
            labelled = truth < CLASSES
            confusion += torch.bincount(truth[labelled] * CLASSES + prediction[labelled], minlength=CLASSES**2)
        confusion = confusion.reshape(CLASSES, CLASSES).double()
        hit = confusion.diag()
        union = confusion.sum(0) + confusion.sum(1) - hit
        present = confusion.sum(1) > 0
        miou = (hit / union)[present].mean().item()
    val_s = time.perf_counter() - start
    return {"steps": EPOCHS * (n // BATCH), "train_s": train_s, "val_s": val_s, "total_s": train_s + val_s, "miou": miou,
            "loss": sum(losses) / len(losses)}


def worker(jobs, results, data):
    torch.set_num_threads(1)
    for genotype, seed in iter(jobs.get, None):
        results.put(candidate(genotype, seed, data))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--genotype", action="append", type=json.loads)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(1 if args.workers > 1 else args.threads)

    tensors, metadata = read_safetensors(args.weights)
    encoder = Encoder(same=metadata.get("stride2_padding") == "tf-same", expands_first="layer2.0.conv.0.weight" in tensors)
    missing, unexpected = encoder.load_state_dict(tensors, strict=False)
    assert not unexpected and all(k.endswith("num_batches_tracked") for k in missing), (missing, unexpected)
    encoder.eval()
    train_images, train_masks = load(args.data, "train.txt")
    val_images, val_masks = load(args.data, "val.txt")
    train_taps, val_taps = taps_of(encoder, train_images), taps_of(encoder, val_images)
    h, w = train_taps[0].shape[-2:]
    nearest = F.interpolate(train_masks[:, None].float(), size=(h, w), mode="nearest-exact")[:, 0].long()
    data = (train_taps, nearest, val_taps, val_masks)

    jobs, results = multiprocessing.Queue(), multiprocessing.Queue()
    if args.workers > 1:
        for _ in range(args.workers):
            multiprocessing.Process(target=worker, args=(jobs, results, data), daemon=True).start()
    for genotype in args.genotype or GENOTYPES:
        start = time.perf_counter()
        if args.workers > 1:
            for seed in range(args.workers):
                jobs.put((genotype, seed))
            replies = [results.get() for _ in range(args.workers)]
        else:
            replies = [candidate(genotype, 0, data)]
        wall = time.perf_counter() - start
        line = {"genotype": genotype, **{k: sum(r[k] for r in replies) / len(replies) for k in replies[0]},
                "per_candidate_s": wall / len(replies), "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "workers": args.workers}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
