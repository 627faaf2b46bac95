"""Networks as ONNX files, from two recordings of one forward pass."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from autograd.files import write_whole
from nn.io.onnx.runs import two_runs
from nn.module import Module


def export_onnx(model: Module, path: str | os.PathLike[str], example: Any) -> None:
    """Write what a model computes, in evaluation mode, to an ONNX file; any batch size runs it.

    Args:
        model: a network that takes batches and gives one Tensor.
        path: ends in .onnx. Folders are made as needed, and the file is there whole or not at all.
        example: the shape of one example without the batch, such as (784,); or a batch of data,
            examples along the first axis, where that says more (whole numbers for an Embedding).
            A list has one of these for each of several inputs.

    The model runs twice, on batches of 2 and of 3, and its operations are translated one by one
    (opset 20). What differs between the runs depends on the batch: lengths are left open in the
    file, numbers that were computed from the data without an operation are refused. A Python `if`
    on values is followed as it goes for these data. Parameters keep their names; floating inputs
    have the parameters' dtype. ONNX's checker checks the file. Nothing in the model changes, nor do
    the project's random numbers.

    Raises:
        ValueError: an operation that ONNX lacks, or another forward pass that no file can hold;
            the message names operation, module and line. A suffix other than .onnx.
        TypeError: the model is no Module, or does not give one Tensor; no such example.
        ImportError: the package onnx is missing.
    """
    if not isinstance(model, Module) or not isinstance(path, str | os.PathLike):
        raise TypeError(
            "export_onnx(model, path, example) takes a model, and then the file; these are "
            f"{type(model).__name__} and {type(path).__name__}."
        )
    if Path(path).suffix.lower() != ".onnx":
        raise ValueError(f"export_onnx: the file's name ends in .onnx; this is {str(path)!r}.")
    _check_onnx_is_there()
    from nn.io.onnx.translation import translated  # which imports onnx

    write_whole(path, translated(model, two_runs(model, example)))


def _check_onnx_is_there() -> None:
    try:
        import onnx  # noqa: F401
    except ImportError:
        raise ImportError(
            'ONNX files need the package onnx. Install it: pip install -e ".[onnx]".'
        ) from None
