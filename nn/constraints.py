"""Constraints: what weights are brought back to after every step of an optimiser.

    constraint = nn.constraints.MaxNorm(3.0)
    ...
    optimizer.step()
    constraint(model)

A constraint selects parameters by a rule: all weights, not biases, if none is given (see
`nn.selection`). It writes in place, so that graphs from before the write are not silently wrong.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.checks import positive
from nn.module import Module
from nn.parameter import Parameter
from nn.selection import Rules, Selection, weights

Array = np.ndarray[Any, Any]


class Constraint:
    """Brings each of the selected parameters back; a subclass says in `allowed` to which values.

    Args:
        select: which parameters; weights, not biases, if not said.

    Raises:
        TypeError: no such rule.
    """

    def __init__(self, select: Rules = weights) -> None:
        self.selection = Selection(select, type(self).__name__)

    def allowed(self, name: str, values: Array) -> Array:
        """What is nearest to a parameter's values among what is allowed."""
        raise NotImplementedError(f"{type(self).__name__} has no method allowed(name, values).")

    def __call__(self, model: Module) -> None:
        """Bring the selected parameters back, in place.

        Raises TypeError if this is no Module, ValueError if nothing in it is selected.
        """
        selected: dict[str, Parameter] = self.selection.of(model)
        # All are computed before any is written: an error changes nothing.
        new = {name: self.allowed(name, p.data) for name, p in selected.items()}
        for name, values in new.items():
            selected[name].copy_(values)


class MaxNorm(Constraint):
    """‖w‖₂ ≤ c for the weights w of every unit, a row of W: a longer one is scaled down to c.

    Args:
        c: the largest norm, above 0; 3 or 4 are usual beside dropout.
        select: which parameters; weights, not biases, if not said.

    Raises:
        TypeError, ValueError: no such c or rule.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout: A Simple Way to
    Prevent Neural Networks from Overfitting", JMLR 15 (2014).
    """

    def __init__(self, c: float, select: Rules = weights) -> None:
        super().__init__(select)
        self.c = positive(c, "MaxNorm", "c")

    def allowed(self, name: str, values: Array) -> Array:  # noqa: ARG002
        # Where the norm is no larger than c this divides by c itself: the factor is 1.
        return values * (self.c / np.maximum(norms(values), self.c))


class NonNegative(Constraint):
    """W ≥ 0, entry by entry: what is negative becomes 0."""

    def allowed(self, name: str, values: Array) -> Array:  # noqa: ARG002
        return np.maximum(values, 0)


class UnitNorm(Constraint):
    """‖w‖₂ = 1 for the weights w of every unit, a row of W.

    Raises ValueError when called if a row is 0, which has no direction; then nothing is changed.
    """

    def allowed(self, name: str, values: Array) -> Array:
        lengths = norms(values)
        zeros = np.flatnonzero(lengths == 0)
        if zeros.size:
            raise ValueError(
                f"UnitNorm: {zeros.size} of {len(values)} rows of {name} are 0 and have no "
                f"direction; the first is row {zeros[0]}. Start from random weights."
            )
        return values / lengths


def norms(values: Array) -> Array:
    """The length of each row, in a shape that divides `values`."""
    wide = values.astype(np.result_type(values, np.float32), copy=False)  # half would overflow
    squares: Array = np.square(wide).sum(axis=tuple(range(1, values.ndim)), keepdims=True)
    return np.sqrt(squares)
