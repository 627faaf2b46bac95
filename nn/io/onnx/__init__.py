"""Networks as ONNX files. The package onnx is loaded when a network is exported."""

from nn.io.onnx.export import export_onnx

__all__ = ["export_onnx"]
