"""The method's network in PyTorch, under the authors' parameter names: the reference of the parity tests and the
peer of the benchmarks. Written from the paper (arXiv 1810.10804, section 3.1) alone."""

import torch
from torch import nn
from torch.nn import functional as F

OPS = [
    ("conv", 1, 1), ("conv", 3, 1), ("sep", 3, 1), ("sep", 5, 1), ("pool", 1, 1), ("conv", 3, 3),
    ("conv", 3, 12), ("sep", 3, 3), ("sep", 5, 6), ("skip", 1, 1), ("none", 1, 1),
]
STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
TAP_STAGES = (1, 2, 4, 6)
TAP_CHANNELS = (24, 32, 96, 320)


def resize(x, size):
    return x if x.shape[-2:] == tuple(size) else F.interpolate(x, size=tuple(size), mode="bilinear", align_corners=False)


def conv_bn_relu(cin, cout, k=1, dilation=1):
    return nn.Sequential(
        nn.Conv2d(cin, cout, k, padding=dilation * (k - 1) // 2, dilation=dilation, bias=False),
        nn.BatchNorm2d(cout), nn.ReLU())


class Separable(nn.Module):
    def __init__(self, c, k, dilation, repeats):
        super().__init__()
        self.op = nn.Sequential()
        for r in range(repeats):
            self.op.add_module(f"sep_{r}", nn.Sequential(
                nn.Conv2d(c, c, k, padding=dilation * (k - 1) // 2, dilation=dilation, groups=c, bias=False),
                nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c), nn.ReLU()))

    def forward(self, x):
        return self.op(x)


class GlobalAveragePool(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv1x1 = conv_bn_relu(c, c)

    def forward(self, x):
        return resize(self.conv1x1(x.mean((2, 3), keepdim=True)), x.shape[-2:])


class Zero(nn.Module):
    def forward(self, x):
        return torch.zeros_like(x)


class Sum(nn.Module):
    def forward(self, a, b):
        return a + b


def make_op(index, c, repeats):
    kind, k, dilation = OPS[index]
    if kind == "conv":
        return conv_bn_relu(c, c, k, dilation)
    if kind == "sep":
        return Separable(c, k, dilation, repeats)
    if kind == "pool":
        return GlobalAveragePool(c)
    return nn.Identity() if kind == "skip" else Zero()


class Cell(nn.Module):
    def __init__(self, config, c, repeats):
        super().__init__()
        first, *self.rounds = config
        ops = [make_op(first, c, repeats)]
        for _, _, a, b in self.rounds:
            ops += [make_op(a, c, repeats), make_op(b, c, repeats), Sum()]
        self._ops = nn.ModuleList(ops)

    def forward(self, x):
        pool, sums, used = [x, self._ops[0](x)], [1], set()
        for r, (i, j, _, _) in enumerate(self.rounds):
            used |= {i, j}
            a, b = self._ops[1 + 3 * r](pool[i]), self._ops[2 + 3 * r](pool[j])
            pool += [a, b, self._ops[3 + 3 * r](a, b)]
            sums.append(len(pool) - 1)
        return sum(pool[p] for p in sums if p not in used)


class Aggregate(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.branch_1, self.branch_2 = conv_bn_relu(c, c), conv_bn_relu(c, c)

    def forward(self, a, b):
        a, b = self.branch_1(a), self.branch_2(b)
        return a + resize(b, a.shape[-2:]) if a.shape[-2] >= b.shape[-2] else resize(a, b.shape[-2:]) + b


class Block(nn.Module):
    def __init__(self, cell, c, repeats):
        super().__init__()
        self.op_1, self.op_2, self.agg = Cell(cell, c, repeats), Cell(cell, c, repeats), Aggregate(c)

    def forward(self, a, b):
        return self.agg(self.op_1(a), self.op_2(b))


class AuxiliaryHead(nn.Module):
    def __init__(self, cell, c, repeats, outputs):
        super().__init__()
        self.aux_cell = Cell(cell, c, repeats)
        self.aux_clf = nn.Conv2d(c, outputs, 3, padding=1)

    def forward(self, x):
        return self.aux_clf(self.aux_cell(x))


class Decoder(nn.Module):
    def __init__(self, genotype, outputs, width, repeats, auxiliary=True):
        super().__init__()
        cell, self.connections = genotype
        for i, c in enumerate(TAP_CHANNELS):
            setattr(self, f"adapt{i + 1}", conv_bn_relu(c, width))
        self.cells = nn.ModuleList(Block(cell, width, repeats) for _ in self.connections)
        self.aux_clfs = nn.ModuleList(AuxiliaryHead(cell, width, repeats, outputs) for _ in self.connections) if auxiliary else []
        used = {i for pair in self.connections for i in pair}
        self.ends = [4 + b for b in range(len(self.connections)) if 4 + b not in used]
        self.pre_clf = conv_bn_relu(width * len(self.ends), width)
        self.conv_clf = nn.Conv2d(width, outputs, 3, padding=1)

    def forward(self, taps):
        pool = [getattr(self, f"adapt{i + 1}")(t) for i, t in enumerate(taps)]
        aux = []
        for b, (i, j) in enumerate(self.connections):
            pool.append(self.cells[b](pool[i], pool[j]))
            if self.training and len(self.aux_clfs):
                aux.append(self.aux_clfs[b](pool[-1]))
        out = pool[self.ends[0]]
        for e in self.ends[1:]:
            other = pool[e]
            size = max(out.shape[-2:], other.shape[-2:])
            out = torch.cat([resize(out, size), resize(other, size)], 1)
        return self.conv_clf(self.pre_clf(F.relu(out))), aux


class Conv2dSame(nn.Conv2d):
    """TensorFlow's SAME padding."""

    def forward(self, x):
        (kh, kw), (sh, sw) = self.kernel_size, self.stride
        h, w = x.shape[-2:]
        ph, pw = max(0, (-(-h // sh) - 1) * sh + kh - h), max(0, (-(-w // sw) - 1) * sw + kw - w)
        x = F.pad(x, (pw // 2, pw - pw // 2, ph // 2, ph - ph // 2))
        return F.conv2d(x, self.weight, self.bias, self.stride, 0, 1, self.groups)


class Bottleneck(nn.Module):
    """`conv` holds expansion (0, 1, ReLU6), depthwise (3, 4, ReLU6) and projection (6, 7)."""

    def __init__(self, cin, cout, t, stride, same, expands):
        super().__init__()
        h = cin * t
        depthwise = Conv2dSame if same else nn.Conv2d
        kw = {} if same else {"padding": 1}
        layers = {}
        if expands:
            layers |= {"0": nn.Conv2d(cin, h, 1, bias=False), "1": nn.BatchNorm2d(h), "2": nn.ReLU6()}
        layers |= {"3": depthwise(h, h, 3, stride=stride, groups=h, bias=False, **kw), "4": nn.BatchNorm2d(h), "5": nn.ReLU6(),
                   "6": nn.Conv2d(h, cout, 1, bias=False), "7": nn.BatchNorm2d(cout)}
        self.conv = nn.Sequential()
        for name, layer in layers.items():
            self.conv.add_module(name, layer)
        self.residual = stride == 1 and cin == cout

    def forward(self, x):
        return x + self.conv(x) if self.residual else self.conv(x)


class Encoder(nn.Module):
    def __init__(self, same=False, expands_first=True):
        super().__init__()
        stem = Conv2dSame(3, 32, 3, stride=2, bias=False) if same else nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False)
        self.layer1 = nn.Sequential(stem, nn.BatchNorm2d(32), nn.ReLU6())
        cin = 32
        for s, (t, c, n, stride) in enumerate(STAGES):
            blocks = []
            for i in range(n):
                blocks.append(Bottleneck(cin, c, t, stride if i == 0 else 1, same, t > 1 or expands_first))
                cin = c
            setattr(self, f"layer{s + 2}", nn.Sequential(*blocks))

    def forward(self, x):
        x, taps = self.layer1(x), []
        for s in range(len(STAGES)):
            x = getattr(self, f"layer{s + 2}")(x)
            if s in TAP_STAGES:
                taps.append(x)
        return taps
