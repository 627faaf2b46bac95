"""Small graphs and somebody who watches them, for the tests of the engine."""

from __future__ import annotations

from typing import Any

import numpy as np
from support.checks import operations_of_a_test

from autograd import Function, Tensor
from autograd.watching import Watcher


def leaf(values: Any, dtype: Any = np.float64, name: str | None = None) -> Tensor:
    """A Tensor that requires a gradient."""
    return Tensor(np.array(values, dtype=dtype), requires_grad=True, name=name)


class Witness(Watcher):
    """Writes down which operations are called and which nodes replayed, in order."""

    def __init__(self) -> None:
        self.called_ops: list[str] = []
        self.replayed: list[Function] = []

    def called(self, op: Any, inputs: Any, settings: Any, outputs: Any) -> None:
        self.called_ops.append(op.__name__)

    def sent(self, node: Any, upstream: Any, gradients: Any, batch: int) -> None:
        self.replayed.append(node)

    @property
    def replayed_ops(self) -> list[str]:
        return [type(node).__name__ for node in self.replayed]


# The outputs whose rules were called, in order.
rules_called: list[str] = []

with operations_of_a_test():

    class ExpAndSquare(Function):
        """Two outputs: eˣ and x²."""

        outputs = ("e", "s")

        def forward(x: Any) -> Any:
            return np.exp(x), x * x

        gradients = {
            ("x", "e"): lambda g, e: rules_called.append("e") or g * e,
            ("x", "s"): lambda g, x: rules_called.append("s") or 2 * g * x,
        }
