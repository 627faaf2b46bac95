"""A small network, its state to the last bit, and files of weights by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import nn


def network(hidden: int = 2, seed: int = 0) -> nn.Sequential:
    rng = np.random.default_rng(seed)
    return nn.Sequential(
        nn.Linear(3, hidden, generator=rng), nn.Tanh(), nn.Linear(hidden, 1, generator=rng)
    )


def bits(state: dict[str, Any]) -> dict[str, Any]:
    """Dtype, shape and bytes of every array."""
    return {name: (a.dtype.str, a.shape, a.tobytes()) for name, a in state.items()}


def raw_safetensors(dtype: str, shape: list[int], content: bytes) -> bytes:
    """A file with one array "w", as the format's description has it."""
    header = {"w": {"dtype": dtype, "shape": shape, "data_offsets": [0, len(content)]}}
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content
