"""Models in files: weights as .safetensors and .npz, networks as ONNX.

nn.io.save_weights(model, "model.safetensors")
nn.io.load_weights(model, "model.safetensors")
nn.io.export_onnx(model, "model.onnx", (784,))
"""

from nn.io.onnx import export_onnx
from nn.io.weights import load_weights, read_weights, save_weights

__all__ = ["export_onnx", "load_weights", "read_weights", "save_weights"]
