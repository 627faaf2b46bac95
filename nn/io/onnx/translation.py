"""Two recordings of a forward pass as one ONNX model."""

from __future__ import annotations

from typing import Any

import onnx

from autograd import Tensor
from autograd.tape import Call
from nn.io.onnx.graph import Graph, Refusal, Step
from nn.io.onnx.operators import translate
from nn.io.onnx.runs import SIZES, Run, pairs
from nn.module import Module

OPSET = 20
IR_VERSION = 9  # the version of the file format that goes with it


def translated(model: Module, runs: tuple[Run, Run]) -> bytes:
    """The content of the file, after ONNX's checker has seen it. Raises Refusal; see `export`."""
    first, second = runs
    inputs = (
        ["input"] if len(first.inputs) == 1 else [f"input_{i}" for i in range(len(first.inputs))]
    )
    graph = Graph(SIZES, [*inputs, "output"])
    for name, tensor in zip(inputs, first.inputs, strict=True):
        graph.call(first.tape.look_up(tensor), name, tensor.data)
    for name, tensor in (*model.named_parameters(), *model.named_buffers()):
        value = first.tape.look_up(tensor)
        if value is not None:
            graph.call(value, graph.keep(value.array, name))
    for call, other in pairs(first, second):
        _add(graph, call, other)
    untouched = [n for n, x in zip(inputs, first.inputs, strict=True) if x is first.output]
    result = untouched[0] if untouched else graph.name_of_result(first.tape.look_up(first.output))
    graph.nodes.append(onnx.helper.make_node("Identity", [result], ["output"], name="output"))
    nodes, constants = graph.needed_for("output")
    both = zip(inputs, first.inputs, second.inputs, strict=True)
    proto = onnx.helper.make_model(
        onnx.helper.make_graph(
            nodes,
            type(model).__name__,
            [_declared(*facts) for facts in both],
            [_declared("output", first.output, second.output)],
            [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()],
        ),
        producer_name="readable-autograd",
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(proto, full_check=True)
    content: bytes = proto.SerializeToString()
    return content


def _add(graph: Graph, call: Call, other: Call) -> None:
    """Add one call to the graph, or the reason why it cannot be there."""
    values = call.outputs.values()
    try:
        for name, value in zip(translate(Step(graph, call, other)), values, strict=True):
            graph.call(value, name, value.array)
    except Refusal as refusal:
        # It matters only if a result is used: checks of values, say, lead nowhere.
        for value in values:
            graph.call(value, refusal, value.array)


def _declared(name: str, tensor: Tensor, other: Tensor) -> Any:
    """Name, dtype and shape of an input or output; lengths that differ are open."""
    lengths = [
        a if a == b else "batch" if (a, b) == SIZES else None
        for a, b in zip(tensor.shape, other.shape, strict=True)
    ]
    kind = onnx.helper.np_dtype_to_tensor_dtype(tensor.dtype)
    return onnx.helper.make_tensor_value_info(name, kind, lengths)
