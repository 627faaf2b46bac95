"""Random expressions, written as Python and read in several vocabularies.

An expression is a short text, such as `sum(tanh(a) * b, axis=0)`, with its leaves. The text is run
with NumPy's functions on arrays, with the project's on Tensors, or with those of another library,
so each is a second opinion on the others. A failing test prints the expression; that text, pasted
under `@example(…)`, is the expression again. How they are made: support/random_expressions.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from support.operations import (
    affine,
    log_softmax,
    relu,
    sigmoid,
    softmax,
    softmax_cross_entropy,
)

import autograd
from autograd import Tensor, functions

Array = Any
Shape = tuple[int, ...]

# Vocabularies: what the names in an expression mean

OWN = [affine, log_softmax, relu, sigmoid, softmax, softmax_cross_entropy]
NUMPYS = [name for name in (*functions.__all__, "max", "min", "sum") if hasattr(np, name)]

NUMPY = {name: getattr(np, name) for name in NUMPYS} | {f.__name__: f for f in OWN}
AUTOGRAD = {name: getattr(autograd, name) for name in NUMPY}
DISPATCHED = AUTOGRAD | {name: NUMPY[name] for name in NUMPYS}  # np.exp of a Tensor
for vocabulary in (NUMPY, AUTOGRAD, DISPATCHED):
    vocabulary["array"] = np.array  # for labels

# What an expression is


def transposed(a: Array) -> Array:
    return a.T.copy().T


def sliced(a: Array) -> Array:
    view = np.full([2 * n for n in a.shape], 99, a.dtype)[(..., *[slice(None, None, 2)] * a.ndim)]
    view[...] = a
    return view


def reversed_(a: Array) -> Array:
    turned = (..., *[slice(None, None, -1)] * a.ndim)
    return a[turned].copy()[turned]


def read_only(a: Array) -> Array:
    a.flags.writeable = False
    return a


LAYOUTS = {
    "plain": lambda a: a,
    "transposed": transposed,
    "sliced": sliced,
    "reversed": reversed_,
    "read-only": read_only,
}


@dataclass(frozen=True)
class Leaf:
    """What stands at the end of an expression: its shape, how it lies in memory, what it is.

    Its role: a "variable" is a Tensor with a gradient, a "constant" one without, an "array" none.
    """

    shape: Shape
    layout: str = "plain"
    role: str = "variable"

    def numbers(self, seed: int, name: str, dtype: Any = np.float64) -> Array:
        """The numbers it has under a name: normally distributed, none very small."""
        drawn = np.random.default_rng([seed, ord(name)]).standard_normal(self.shape)
        return LAYOUTS[self.layout](np.asarray(drawn + np.copysign(0.1, drawn), dtype))


class Expression:
    """A text that computes `result`, and its leaves by name."""

    def __init__(self, text: str, seed: int = 0, **leaves: Leaf) -> None:
        self.text, self.seed, self.leaves = text.strip(), seed, leaves
        self.code = compile(self.text, "<expression>", "exec")
        self.variables = [name for name, leaf in leaves.items() if leaf.role == "variable"]

    def __repr__(self) -> str:
        leaves = "".join(f", {name}={leaf}" for name, leaf in self.leaves.items())
        return f'Expression("""\n{self.text}\n""", seed={self.seed}{leaves})'

    def arrays(self, **dtypes: Any) -> dict[str, Array]:
        """The leaves' numbers, in float64 where no other dtype is given."""
        return {
            name: leaf.numbers(self.seed, name, dtypes.get(name, np.float64))
            for name, leaf in self.leaves.items()
        }

    def read(self, vocabulary: dict[str, Any], leaves: dict[str, Any]) -> Any:
        """The result of running the text."""
        scope = vocabulary | leaves
        exec(self.code, scope)
        return scope["result"]

    def tensors(self, arrays: dict[str, Array]) -> dict[str, Any]:
        """The leaves as what they are in the project's reading: Tensors, some bare arrays."""
        return {
            name: a if leaf.role == "array" else Tensor(a, requires_grad=leaf.role == "variable")
            for (name, leaf), a in zip(self.leaves.items(), arrays.values(), strict=True)
        }


# Its derivatives


def weights_of(array: Array, seed: int = 1) -> Array:
    """Random numbers for the entries of a result or the directions of an input."""
    return np.random.default_rng(seed).standard_normal(array.shape)


def result_of(expression: Expression, leaves: dict[str, Any], vocabulary: Any = AUTOGRAD) -> Tensor:
    result = expression.read(vocabulary, leaves)
    return result if isinstance(result, Tensor) else Tensor(result)


def gradients(
    expression: Expression,
    leaves: dict[str, Any],
    vocabulary: Any = AUTOGRAD,
    order: int = 1,
    create_graph: bool = False,
) -> list[Tensor]:
    """The gradients of Σ weights · result by the variables; of order 2, those of Σ weights · them.

    Zeros for a variable that the result does not depend on.
    """
    variables = [leaves[name] for name in expression.variables]
    results = [result_of(expression, leaves, vocabulary)]
    for again in reversed(range(order)):
        reached = [one for one in results if one.requires_grad]
        if not reached:
            return [Tensor(np.zeros_like(one.data)) for one in variables]
        weights = [weights_of(one) for one in reached]
        results = autograd.grad(
            reached,
            variables,
            weights,
            create_graph=again > 0 or create_graph,
            materialize_grads=True,
        )
    return list(results)
