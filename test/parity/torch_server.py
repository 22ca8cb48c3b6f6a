"""Runs the tests' PyTorch snippets: one JSON line {code, inputs} in, one line {outputs} or {error} out.
A snippet finds its inputs as tensors in `inputs` and puts its results into `outputs`."""

import base64
import json
import os
import sys
import traceback

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench", "torch"))
# Threads that wait for one another stand still when the cores are shared with other tests.
torch.set_num_threads(1)
replies = sys.stdout
sys.stdout = sys.stderr


def decode(value):
    array = np.frombuffer(base64.b64decode(value["data"]), dtype=value["dtype"]).reshape(value["dims"])
    return torch.from_numpy(array.copy())


def encode(value):
    array = np.ascontiguousarray(torch.as_tensor(value).detach().to(torch.float32).numpy())
    return {"dims": list(array.shape), "data": base64.b64encode(array.tobytes()).decode()}


kept = {}
for line in sys.stdin:
    request = json.loads(line)
    scope = {"torch": torch, "F": torch.nn.functional, "np": np, "kept": kept, "outputs": {}}
    scope["inputs"] = {name: decode(value) for name, value in request["inputs"].items()}
    scope["args"] = request["args"]
    try:
        exec(request["code"], scope)
        reply = {"outputs": {name: encode(value) for name, value in scope["outputs"].items()}}
    except Exception:
        reply = {"error": traceback.format_exc()}
    replies.write(json.dumps(reply) + "\n")
    replies.flush()
