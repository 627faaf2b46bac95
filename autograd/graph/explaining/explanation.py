"""The chain rule of one gradient: every path to it, and what each brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.graph.data import Array
from autograd.graph.explaining import chain_rule
from autograd.graph.explaining.naming import Names
from autograd.graph.explaining.paths import Path, Ways
from autograd.graph.explaining.ways import Target, history_of
from autograd.tensor import Tensor

MOST_PATHS = 20


@dataclass(frozen=True, eq=False)
class Explanation:
    """How the gradient of one variable comes about. `print` shows it, and notebooks do.

    Attributes:
        names: what the variables are called here, by key.
        result, variable: the names of the result and of the variable.
        gradient: the derivative of the result by the variable, in float64.
        count: how many paths lead from the result back to the variable.
        paths: those with the largest contributions, at most twenty, the largest first.
        surely_largest: whether no other path can be larger. Through arrays the paths are followed
            from the result on, twenty at a time, so that one could be missed.
        rest: what all other paths bring together: `gradient` less the contributions of `paths`.
    """

    names: Names
    result: str
    variable: str
    gradient: Array
    count: int
    paths: tuple[Path, ...]
    surely_largest: bool
    note: str

    @property
    def rest(self) -> Array:
        """What the paths that are not in `paths` bring together; zeros if there are none."""
        if self.count == len(self.paths):
            return np.zeros_like(self.gradient)
        return self.gradient - sum(path.contribution for path in self.paths)

    def share(self, contribution: Array) -> float:
        """How much of the gradient a contribution makes up; those of all paths sum to 1.

        It is ⟨contribution, gradient⟩ / ⟨gradient, gradient⟩: of single numbers their ratio. What
        points against the gradient has a negative share. NaN if the gradient is zero.
        """
        largest = np.max(np.abs(self.gradient), initial=0.0)
        if not 0 < largest < np.inf:
            return float("nan")
        along = self.gradient / largest
        return float(np.sum(contribution / largest * along) / np.sum(along * along))

    @property
    def latex(self) -> str:
        """The chain rule as LaTeX, without dollar signs."""
        return chain_rule.latex(self)

    def __str__(self) -> str:
        return chain_rule.text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return chain_rule.html(self)


def explain(target: Target, *args: Any, wrt: Tensor) -> Explanation:
    """The gradient of a result by one variable, path by path.

    A path is a way back from the result to the variable, call by call. What it brings is the
    product of the local gradients along it (of arrays: of the Jacobians, applied to the gradient 1
    of the result), which is the gradient that would arrive if it were the only path. The paths sum
    to the gradient. Of many, the twenty largest are shown, and what the rest brings together.

    Args:
        target: a loss, best computed within `with autograd.record():`; a tape, of which the last
            single number is taken; or a function that answers a loss.
        args: the function's arguments.
        wrt: the variable, a Tensor that the loss was computed from.

    Raises:
        TypeError: the target or `wrt` is none of these.
        ValueError: the result is not one single number that operations made; or no path leads back
            to the variable (`why` tells the reason).
        RuntimeError: the loss was not recorded, and a backward pass has released its graph.

    Example:
        f = lambda x, y, z: ((x + y) * z) ** 2
        print(explain(f, x, y, z, wrt=x))
    """
    if not isinstance(wrt, Tensor):
        raise TypeError(
            f"explain: wrt is the Tensor whose gradient is asked for, such as a weight, not "
            f"{wrt!r:.40} ({type(wrt).__name__})."
        )
    history = history_of(target, args, "explain")
    if history.released:
        raise RuntimeError(
            "explain: a backward pass has released the values of this loss, and it was not "
            "recorded. Compute it within `with autograd.record() as tape:`, or give the function "
            "that computes it, and its arguments."
        )
    key = history.key_of(wrt)
    ways = Ways(history, key or "")
    if key is None or not ways.count:
        raise _no_path(wrt, key)
    paths, surely = ways.largest(MOST_PATHS)
    names = Names(history)
    return Explanation(
        names,
        names[history.start],
        names[key],
        ways.gradient,
        ways.count,
        paths,
        surely,
        "" if history.tape else NOT_RECORDED,
    )


NOT_RECORDED = (
    "This loss was not recorded, so results have no names here, and calls no source lines. Compute "
    "it within `with autograd.record() as tape:` to have them."
)


def _no_path(wrt: Tensor, key: str | None) -> ValueError:
    name = f"the Tensor {wrt.name!r}" if wrt.name else f"this Tensor of shape {wrt.shape}"
    fact = "no call takes it" if key is None else "no path leads from the loss back to it"
    return ValueError(
        f"explain: {name} gets no gradient: {fact}. why(w, loss) tells the reason, for a loss that "
        "was computed within `with autograd.record() as tape:`."
    )
