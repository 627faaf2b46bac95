"""Rows for the table of operations: entries brought to mean 0 and variance 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from support.cases import Case, anywhere

from autograd.ops.normalization import Standardize, UnitMeanSquare

Array = Any


class Joined(Case):
    """A row whose several results are joined to one."""

    def call(self, function: Any, *inputs: Any) -> tuple[Any, ...]:
        return joined(super().call(function, *inputs))

    def apply(self, *inputs: Any) -> tuple[Any, ...]:
        return joined(super().apply(*inputs))


def joined(results: tuple[Any, ...]) -> tuple[Any, ...]:
    return (np.concatenate(results, axis=None),)


# References, in the textbook's form


def computed_in(x: Array) -> Array:
    return x.astype(np.float32) if x.dtype == np.float16 else x * 1.0


def standardize(x: Array, axis: Any = None, eps: float = 0.0) -> Any:
    values = computed_in(x)
    mean, var = values.mean(axis, keepdims=True), values.var(axis, keepdims=True)
    out = (values - mean) / np.sqrt(var + eps)
    return out.astype(np.result_type(x.dtype, np.float16)), mean, var


def unit_mean_square(x: Array, axis: Any = None, eps: float = 0.0) -> Array:
    values = computed_in(x)
    out = values / np.sqrt((values**2).mean(axis, keepdims=True) + eps)
    return out.astype(np.result_type(x.dtype, np.float16))


SETTINGS: list[tuple[Any, dict[str, Any]]] = [
    (anywhere(4, 3), {"axis": -1, "eps": 0.1}),
    (anywhere(4, 3), {"axis": 0, "eps": 0.01}),
    (anywhere(4, 3), {"eps": 1e-5}),
    (anywhere(3, 2, 4), {"axis": (0, 2), "eps": 1e-5}),
    (anywhere(3, 2, 4), {"axis": (-1, 1), "eps": 0.1}),
    (anywhere(0, 3), {"axis": -1, "eps": 0.1}),
]

CASES: list[Case] = [
    *(Joined(Standardize, standardize, x, **settings) for x, settings in SETTINGS),
    *(Case(UnitMeanSquare, unit_mean_square, x, **settings) for x, settings in SETTINGS),
]
