"""The PyTorch twin of `auxcell train --preset camvid-30`: CamVid at 240x176, end to end, batch normalisation of the encoder frozen.

python3 bench/torch/full.py --data DIR --weights mobilenet-v2.safetensors [--genotype JSON] [--epochs N] [--threads N]
prints one JSON line an epoch: epoch, loss, miou, train_s, val_s."""

import argparse
import json
import time

import torch
from torch.nn import functional as F

from candidate import CLASSES, GENOTYPES, HEIGHT, WIDTH, load, read_safetensors
from network import Decoder, Encoder, resize

BATCH, SCHEDULE = 8, 30


def validate(encoder, decoder, images, masks):
    decoder.eval()
    confusion = torch.zeros(CLASSES * CLASSES, dtype=torch.int64)
    with torch.no_grad():
        for i in range(0, len(masks), 16):
            prediction = resize(decoder(encoder(images[i:i + 16]))[0], (HEIGHT, WIDTH)).argmax(1)
            truth = masks[i:i + 16]
            labelled = truth < CLASSES
            confusion += torch.bincount(truth[labelled] * CLASSES + prediction[labelled], minlength=CLASSES**2)
    decoder.train()
    confusion = confusion.reshape(CLASSES, CLASSES).double()
    hit = confusion.diag()
    union = confusion.sum(0) + confusion.sum(1) - hit
    return (hit / union)[confusion.sum(1) > 0].mean().item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--genotype", type=json.loads, default=GENOTYPES[1])
    parser.add_argument("--epochs", type=int, default=SCHEDULE)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)

    tensors, metadata = read_safetensors(args.weights)
    encoder = Encoder(same=metadata.get("stride2_padding") == "tf-same", expands_first="layer2.0.conv.0.weight" in tensors)
    encoder.load_state_dict(tensors, strict=False)
    encoder.eval()
    for module in encoder.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.requires_grad_(False)
    decoder = Decoder(args.genotype, CLASSES, 48, 1).train()
    images, masks = load(args.data, "train.txt")
    val_images, val_masks = load(args.data, "val.txt")
    quarter = F.interpolate(masks[:, None].float(), size=(HEIGHT // 4, WIDTH // 4), mode="nearest-exact")[:, 0].long()

    trained = [p for p in encoder.parameters() if p.requires_grad]
    sgd = torch.optim.SGD(trained, lr=5e-3, momentum=0.9, weight_decay=1e-5)
    adam = torch.optim.Adam(decoder.parameters(), lr=3e-3, weight_decay=1e-5)
    per_epoch = len(images) // BATCH
    decay = lambda step: (1 - step / (SCHEDULE * per_epoch)) ** 0.9
    schedules = [torch.optim.lr_scheduler.LambdaLR(o, decay) for o in (sgd, adam)]
    ce = lambda y, target: F.cross_entropy(resize(y, target.shape[-2:]), target, ignore_index=CLASSES)
    for epoch in range(args.epochs):
        start, losses = time.perf_counter(), []
        order = torch.randperm(len(images))
        for k in range(per_epoch):
            rows = order[k * BATCH:(k + 1) * BATCH]
            mirrored = torch.rand(BATCH) < 0.5
            flip = lambda t: torch.where(mirrored.view(-1, *[1] * (t.dim() - 1)), t.flip(-1), t)
            target = flip(quarter[rows])
            logits, aux = decoder(encoder(flip(images[rows])))
            main = ce(logits, target)
            loss = main + 0.15 * sum(ce(a, target) for a in aux)
            sgd.zero_grad(), adam.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 3)
            torch.nn.utils.clip_grad_norm_(decoder.parameters(), 3)
            sgd.step(), adam.step()
            for schedule in schedules:
                schedule.step()
            losses.append(main.item())
        train_s = time.perf_counter() - start
        miou = validate(encoder, decoder, val_images, val_masks)
        val_s = time.perf_counter() - start - train_s
        print(json.dumps({"epoch": epoch + 1, "loss": sum(losses) / len(losses), "miou": miou, "train_s": train_s, "val_s": val_s}), flush=True)


if __name__ == "__main__":
    main()
