"""What readers of ONNX that are not ours make of a model: onnx.checker with strict shape inference, OpenCV's DNN.
In: one JSON line a model, {"file", "input": {"name", "dims", "data"}, "opencv"}; out: one line {"problem", "ops", "folded", "output"}."""

import base64
import json
import sys

import cv2
import numpy as np
import onnx


def checked(model):
    try:
        onnx.checker.check_model(model, full_check=True)
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    except Exception as error:
        return str(error)[:500]


for line in sys.stdin:
    request = json.loads(line)
    model = onnx.load(request["file"])
    given = {tensor.name for tensor in model.graph.initializer}
    reply = {
        "problem": checked(model),
        "opset": model.opset_import[0].version,
        "ops": sorted({node.op_type for node in model.graph.node}),
        # Nodes whose every input is a constant: what an exporter should have computed.
        "unfolded": [node.op_type for node in model.graph.node if all(name in given for name in node.input if name)],
    }
    if request["opencv"]:
        x = np.frombuffer(base64.b64decode(request["input"]["data"]), np.float32).reshape(request["input"]["dims"])
        try:
            net = cv2.dnn.readNetFromONNX(request["file"])
            net.setInput(x)
            y = np.ascontiguousarray(net.forward(), np.float32)
            reply["output"] = {"dims": list(y.shape), "data": base64.b64encode(y.tobytes()).decode()}
        except cv2.error as error:
            reply["refused"] = str(error)[:1000]
    print(json.dumps(reply), flush=True)
