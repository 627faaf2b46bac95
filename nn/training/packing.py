"""Nested Python values with arrays among them, as arrays alone, and back: what no pickle is for."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from nn.io.formats import Arrays

TEXT = "training.json"  # the entry with everything but the arrays, as UTF-8


def pack(value: Any) -> Arrays:
    """Numbers, text, None, lists, tuples, dicts and arrays, nested, as arrays by name.

    Raises TypeError for anything else among them.
    """
    arrays: Arrays = {}
    text = json.dumps(_plain(value, "", arrays))
    arrays[TEXT] = np.frombuffer(text.encode(), np.uint8)
    return arrays


def unpack(arrays: Arrays) -> Any:
    """What was packed. Raises ValueError if these are other arrays."""
    try:
        return _restored(json.loads(arrays[TEXT].tobytes()), arrays)
    except KeyError as error:
        raise ValueError(f"it lacks the entry {error}.") from None


# JSON has no arrays, no tuples, and only text for keys: each of these is a dict with one such key.
ARRAY, TUPLE, PAIRS = "array", "tuple", "pairs"


def _plain(value: Any, path: str, arrays: Arrays) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.ndarray) and value.dtype != object:
        name = path.removeprefix("/")
        while name in arrays:  # keys such as 1 and "1"
            name += "'"
        arrays[name] = value
        return {ARRAY: name}
    if isinstance(value, list | tuple):
        items = [_plain(one, f"{path}/{i}", arrays) for i, one in enumerate(value)]
        return {TUPLE: items} if isinstance(value, tuple) else items
    if isinstance(value, dict):
        return {PAIRS: [[k, _plain(v, f"{path}/{k}", arrays)] for k, v in value.items()]}
    raise TypeError(
        f"A checkpoint holds numbers, text, arrays, and lists and dicts of them; {path[1:]} is "
        f"{type(value).__name__}."
    )


def _restored(value: Any, arrays: Arrays) -> Any:
    if isinstance(value, list):
        return [_restored(one, arrays) for one in value]
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == ARRAY:
        return arrays[content]
    if kind == TUPLE:
        return tuple(_restored(one, arrays) for one in content)
    return {key: _restored(one, arrays) for key, one in content}
