"""Weights out of a model into a file, and back."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor
from autograd.files import write_whole
from nn.io.formats import (
    DTYPES,
    Array,
    Arrays,
    from_npz,
    from_safetensors,
    to_npz,
    to_safetensors,
)
from nn.module import Module
from nn.saving import Unmatched

StrPath = str | os.PathLike[str]


class Format(NamedTuple):
    """How arrays by name become a file's bytes, and back."""

    encode: Callable[[Arrays], bytes]
    decode: Callable[[bytes], Arrays]


FORMATS = {
    ".safetensors": Format(to_safetensors, from_safetensors),
    ".npz": Format(to_npz, from_npz),
}
HINTS = {
    ".npy": " An .npy file holds a single array; .npz holds several by name.",
    **dict.fromkeys(
        (".pt", ".pth", ".bin", ".ckpt"),
        " PyTorch's own files are pickles, which can run any code. Where PyTorch is: "
        'safetensors.torch.save_file(model.state_dict(), "model.safetensors").',
    ),
    **dict.fromkeys((".pkl", ".pickle"), " Pickles are not loaded: they can run any code."),
}


def save_weights(model: Module | Mapping[str, Any], path: StrPath) -> None:
    """Write a model's parameters and buffers, or a state dict, to a file.

    Args:
        model: a Module, or arrays by name as `state_dict()` gives them: float16, float32, float64,
            whole numbers or truth values.
        path: ends in .safetensors (Hugging Face's format, which PyTorch loads with
            `safetensors.torch.load_file`; needs the package safetensors) or in .npz (NumPy's).
            Folders are made as needed.

    What was written is read back and compared before it takes the place of an older file, in one
    step: whatever happens, there is the old file or the new one (see `autograd.files`).

    Raises:
        ValueError: an unknown suffix; nothing to save.
        TypeError: neither a Module nor a mapping; names or values that no weights are.
        ImportError: .safetensors without the package.
        OSError: the file cannot be written; the old one is unchanged.
    """
    if not isinstance(model, Module | Mapping):
        raise TypeError(
            "save_weights(model, path) takes a model, or its state dict, and then the file; the "
            f"first is of type {type(model).__name__}."
        )
    format = _format_of(path, "save_weights")
    state = model.state_dict() if isinstance(model, Module) else model
    if not state:
        raise ValueError(
            f"save_weights: there is nothing to save, {type(model).__name__} has no parameters."
        )
    arrays = {_checked(name): _plain(name, value) for name, value in state.items()}
    content = format.encode(arrays)
    _compare(arrays, format.decode(content), path)
    write_whole(path, content)


def read_weights(path: StrPath) -> Arrays:
    """The arrays in a .safetensors or .npz file by name, as a state dict.

    bfloat16 is read as float32, which holds it exactly.

    Raises:
        ValueError: an unknown suffix; a file that is damaged, of another format, or holds Python
            objects (which are never loaded).
        FileNotFoundError: there is no file.
        ImportError: .safetensors without the package.
    """
    format = _format_of(path, "read_weights")
    try:
        return format.decode(Path(path).read_bytes())
    except ValueError as error:
        raise ValueError(f"{os.fspath(path)}: {error}") from error


def load_weights(model: Module, path: StrPath, strict: bool = True) -> Unmatched:
    """Fill a model with the weights in a file: this project's, or any with names that fit.

    Args:
        model: has the layers and sizes that were saved.
        path: a .safetensors or .npz file.
        strict: with False, names that only the file or the model has are passed over.

    Returns:
        The names passed over: none, if strict.

    Raises:
        TypeError: the first argument is no Module.
        ValueError, FileNotFoundError, ImportError: the file cannot be read (see `read_weights`), or
            does not fit the model (see `Module.load_state_dict`). Nothing in the model is changed.
    """
    if not isinstance(model, Module):
        raise TypeError(
            "load_weights(model, path) takes a model, and then the file; the first is of type "
            f"{type(model).__name__}. For the arrays alone: read_weights(path)."
        )
    state = read_weights(path)
    try:
        return model.load_state_dict(state, strict)
    except ValueError as error:
        error.add_note(f"  file  {os.fspath(path)}")
        raise


def _format_of(path: StrPath, who: str) -> Format:
    suffix = Path(path).suffix.lower()
    if suffix not in FORMATS:
        raise ValueError(
            f"{who}: weights are in files that end in {' or '.join(FORMATS)}; "
            f"{Path(path).name!r} has {repr(suffix) if suffix else 'no suffix'}."
            f"{HINTS.get(suffix, '')}"
        )
    return FORMATS[suffix]


def _checked(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"save_weights: weights have names, and {name!r} is no string.")
    return name


def _plain(name: str, value: Any) -> Array:
    """`value` as a little-endian array in C order, with memory of its own."""
    array = np.asarray(value.data if isinstance(value, Tensor) else value)
    dtype = array.dtype.newbyteorder("<")
    if dtype.str not in DTYPES.values():
        what = type(value).__name__ if array.dtype == object else f"an array of {array.dtype}"
        raise TypeError(
            f"save_weights: {name} is {what}. Files of weights hold arrays of float16, float32, "
            "float64, whole numbers or truth values, by name."
        )
    return np.array(array, dtype, order="C")  # ascontiguousarray would give a number an axis


def _compare(saved: Arrays, read: Arrays, path: StrPath) -> None:
    """Raise OSError if what was encoded is read as anything else."""
    facts = [
        {name: (one.dtype.str, one.shape, one.tobytes()) for name, one in arrays.items()}
        for arrays in (saved, read)
    ]
    wrong = [name for name in saved if facts[0][name] != facts[1].get(name)]
    if wrong or len(saved) != len(read):
        raise OSError(
            f"{os.fspath(path)} was not written: read back, {', '.join(wrong) or 'names'} differ. "
            "The library that encodes the file is at fault; try the other suffix."
        )
