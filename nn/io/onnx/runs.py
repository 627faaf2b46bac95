"""The forward pass of a model, recorded on batches of two sizes and of different numbers.

What is the same in both recordings belongs to the model; what differs depends on the data or on the
size of the batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

import autograd
from autograd import Tensor
from autograd.random import taking
from autograd.tape import Call, Tape
from nn.module import Module

SIZES = (2, 3)


class Run(NamedTuple):
    """What went in, what came out, and what happened."""

    inputs: list[Tensor]
    output: Tensor
    tape: Tape


def two_runs(model: Module, example: Any) -> tuple[Run, Run]:
    """Run the model in evaluation mode on batches like `example`; nothing in it changes."""
    inputs = example if isinstance(example, list) else [example]
    dtype = next((p.dtype for p in model.parameters() if p.dtype.kind == "f"), None)
    dtype = autograd.get_default_dtype() if dtype is None else dtype
    with _evaluating(model):
        first, second = (_run(model, [_batch(one, n, dtype) for one in inputs]) for n in SIZES)
    return first, second


def pairs(first: Run, second: Run) -> Iterator[tuple[Call, Call]]:
    """The calls of both runs, side by side. Raises ValueError if they are not the same ones."""
    ours, theirs = first.tape.calls, second.tape.calls
    for call, other in zip(ours, theirs, strict=False):
        if call.op is not other.op or call.inputs.keys() != other.inputs.keys():
            raise ValueError(
                "export_onnx: the forward pass calls other operations for other data, and a file "
                f"holds one course. First {call} at {call.line}, then {other} at {other.line}.\n"
                "  fix   write the choice as an operation: autograd.where(condition, x, y)"
            )
        yield call, other
    if len(ours) != len(theirs):
        raise ValueError(
            f"export_onnx: the forward pass calls {len(ours)} operations for a batch of "
            f"{SIZES[0]}, and {len(theirs)} for one of {SIZES[1]}: it goes through the examples "
            "one by one.\n  fix   compute with whole batches"
        )


@contextmanager
def _evaluating(model: Module) -> Iterator[None]:
    modes = [(module, module.training) for module in model.modules()]
    refusing = taking.set(_refuse_to_draw)
    try:
        model.eval()
        yield
    finally:
        taking.reset(refusing)
        for module, mode in modes:
            module.training = mode


def _refuse_to_draw(*_: Any) -> Any:
    raise ValueError(
        "export_onnx: the forward pass draws random numbers in evaluation mode, and a file would "
        "hold those of one run. Draw only while module.training is True, as Dropout does."
    )


def _run(model: Module, arrays: list[Any]) -> Run:
    inputs = [Tensor(array) for array in arrays]
    # Numbers that fit no example may overflow, or have no logarithm; it is the course that counts.
    with np.errstate(all="ignore"), autograd.no_grad(), autograd.record() as tape:
        output = model(*inputs)
    if not isinstance(output, Tensor):
        raise TypeError(
            f"export_onnx: {type(model).__name__} gives {type(output).__name__}, and not one "
            "Tensor. Wrap it in a module whose forward returns the Tensor that you want."
        )
    return Run(inputs, output, tape)


def _batch(example: Any, n: int, dtype: np.dtype[Any]) -> Any:
    """n examples of a shape, or like those given; others for another n."""
    if isinstance(example, tuple) and all(isinstance(one, int | np.integer) for one in example):
        return np.random.default_rng(n).standard_normal((n, *example)).astype(dtype)
    values = np.asarray(example.data if isinstance(example, Tensor) else example)
    if values.ndim == 0 or values.dtype.kind not in "fiub" or len(values) == 0:
        raise TypeError(
            "export_onnx: the example is the shape of one example without the batch, such as "
            "(784,), or a batch of data, or a list with one of these for each input; this is "
            f"{example!r:.100}."
        )
    rows = values[np.arange(n) % len(values)]
    return (rows / n).astype(dtype) if values.dtype.kind == "f" else rows
