"""The PyTorch twin of one measurement: python3 torch_step.py WORKLOAD ARCH eager|compile [DEVICE]. Prints JSON."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "torch"))
import torch
from torch.nn import functional as F

from network import Decoder, Encoder, resize

ARCHS = {
    "arch0": [[8, [0, 0, 5, 2], [0, 2, 8, 8], [0, 5, 1, 4]], [[3, 3], [3, 2], [3, 0]]],
    "arch1": [[2, [1, 0, 3, 6], [0, 1, 2, 8], [2, 0, 6, 1]], [[2, 3], [3, 1], [4, 4]]],
    "arch2": [[5, [0, 0, 4, 1], [3, 2, 0, 1], [5, 6, 5, 0]], [[1, 3], [4, 3], [2, 2]]],
}
CHANNELS = (24, 32, 96, 320)
WORKLOADS = {
    "w1": (11, 16, [(44, 60), (22, 30), (11, 15), (6, 8)], (44, 60)),
    "paper1": (21, 64, [(64, 64), (32, 32), (16, 16), (8, 8)], (64, 64)),
    "paper2": (21, 32, (350, 350), (88, 88)),
    "tiny": (11, 2, [(16, 16), (8, 8), (4, 4), (2, 2)], (16, 16)),
    "tiny2": (11, 2, (64, 64), (16, 16)),
}


def main(workload, arch, mode, device):
    classes, batch, sizes, target_size = WORKLOADS[workload]
    torch.manual_seed(1)
    torch.backends.cudnn.benchmark = True
    decoder = Decoder(ARCHS[arch], classes, 48, 1).to(device).train()
    encoder = Encoder(expands_first=False).to(device).train() if isinstance(sizes, tuple) else None
    if encoder:
        inputs = [torch.rand(batch, 3, *sizes, device=device) * 2 - 1]
    else:
        inputs = [torch.rand(batch, c, *size, device=device) * 2 - 1 for c, size in zip(CHANNELS, sizes)]
    target = torch.randint(classes, (batch, *target_size), device=device)
    adam = torch.optim.Adam(decoder.parameters(), lr=3e-3, weight_decay=1e-5)
    sgd = torch.optim.SGD(encoder.parameters(), lr=1e-3, momentum=0.9, weight_decay=1e-5) if encoder else None
    groups = [(list(decoder.parameters()), adam)] + ([(list(encoder.parameters()), sgd)] if encoder else [])
    averages = [[p.detach().clone() for p in parameters] for parameters, _ in groups]

    def loss_of(*xs):
        logits, aux = decoder(encoder(xs[0]) if encoder else list(xs))
        ce = lambda y: F.cross_entropy(resize(y, target_size), target)
        main = ce(logits)
        return main, main + 0.15 * sum(ce(a) for a in aux)

    forward = torch.compile(loss_of) if mode == "compile" else loss_of

    def step():
        main, loss = forward(*inputs)
        for _, optimiser in groups:
            optimiser.zero_grad()
        loss.backward()
        for (parameters, optimiser), average in zip(groups, averages):
            torch.nn.utils.clip_grad_norm_(parameters, 3)
            optimiser.step()
            with torch.no_grad():
                torch._foreach_mul_(average, 0.9)
                torch._foreach_add_(average, parameters, alpha=0.1)
        return main.item()

    begun = time.perf_counter()
    losses = [step()]
    first = time.perf_counter() - begun
    times = []
    for _ in range(5 if device == "cpu" else 30):
        begun = time.perf_counter()
        losses.append(step())
        times.append(time.perf_counter() - begun)
    times = sorted(times[3:])
    print(json.dumps({
        "workload": workload, "arch": arch, "device": f"PyTorch {mode}", "torch": torch.__version__, "on": device, "firstStepMs": round(1000 * first),
        "stepMs": 1000 * times[len(times) // 2], "fastestMs": 1000 * times[0], "losses": losses[:5]}))


if __name__ == "__main__":
    main(*sys.argv[1:4], sys.argv[4] if len(sys.argv) > 4 else "cuda")
