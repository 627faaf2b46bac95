"""Penalties: what is added to a loss so that weights stay small, sparse or orthogonal.

    penalty = nn.regularizers.L2(1e-4)
    loss = criterion(model(x), y) + penalty(model)

A penalty selects parameters by a rule: all weights, not biases, if none is given (see
`nn.selection`). Textbooks differ in the factor before the sum; `convention` names it:

    "full"   λ Σ      (for L1 the usual one)
    "half"   ½ λ Σ    (for L2 the usual one, whose gradient is λ W)
    "mean"   λ/(2m) Σ, for a loss that is a mean over m examples
"""

from __future__ import annotations

import math
from functools import reduce
from operator import add
from typing import Any

import numpy as np

import autograd
from autograd import Tensor
from autograd.conditions import require
from nn.checks import not_negative, number, whole_number
from nn.module import Module
from nn.parameter import Parameter
from nn.selection import Rules, Selection, weights

CONVENTIONS = ("full", "half", "mean")


class Penalty:
    """A strength times a sum over the selected parameters, each penalised alone.

    A subclass says in `of` what a parameter adds.
    """

    def __init__(self, strength: float, select: Rules = weights) -> None:
        self.strength = not_negative(strength, type(self).__name__, "strength")
        self.selection = Selection(select, type(self).__name__)

    def of(self, parameter: Parameter) -> Tensor:
        """What one parameter adds, before the strength: a single number."""
        raise NotImplementedError(f"{type(self).__name__} has no method of(parameter).")

    def __call__(self, model: Module) -> Tensor:
        """The penalty of a model, a single number to be added to its loss.

        Raises TypeError if this is no Module, ValueError if nothing in it is selected.
        """
        terms = map(self.of, self.selection.of(model).values())
        return self.strength * reduce(add, terms)


class NormPenalty(Penalty):
    """A penalty in one of the conventions for the factor before the sum."""

    def __init__(
        self, strength: float, convention: str, m: int | None = None, select: Rules = weights
    ) -> None:
        super().__init__(strength, select)
        self.factor = _factor(type(self).__name__, convention, m)

    def __call__(self, model: Module) -> Tensor:
        return super().__call__(model) * self.factor


class L1(NormPenalty):
    """λ Σ|W|: draws weights to 0 at the same speed whatever their size, so that many become 0.

    Args:
        strength: λ, not negative.
        convention: "full" λ Σ|W|, "half" ½ λ Σ|W|, "mean" λ/(2m) Σ|W|.
        m: the number of examples, for "mean".
        select: which parameters; weights, not biases, if not said.

    The gradient at W = 0 is taken as 0.

    Raises:
        TypeError, ValueError: no such strength, convention, m or rule.
    """

    def __init__(
        self,
        strength: float,
        convention: str = "full",
        m: int | None = None,
        select: Rules = weights,
    ) -> None:
        super().__init__(strength, convention, m, select)

    def of(self, parameter: Parameter) -> Tensor:
        return abs(parameter).sum()


class L2(NormPenalty):
    """½ λ ΣW²: its gradient λ W shrinks each weight by the factor 1 − αλ in a step of SGD.

    Args:
        strength: λ, not negative.
        convention: "half" ½ λ ΣW², "full" λ ΣW², "mean" λ/(2m) ΣW².
        m: the number of examples, for "mean"; then the factor in a step is 1 − αλ/m.
        select: which parameters; weights, not biases, if not said.

    Raises:
        TypeError, ValueError: no such strength, convention, m or rule.
    """

    def __init__(
        self,
        strength: float,
        convention: str = "half",
        m: int | None = None,
        select: Rules = weights,
    ) -> None:
        super().__init__(strength, convention, m, select)

    def of(self, parameter: Parameter) -> Tensor:
        return autograd.square(parameter).sum()


class ElasticNet(NormPenalty):
    """λ₁ Σ|W| + λ₂ ΣW²: sparse as L1, and weights that belong together stay together.

    Args:
        l1: λ₁, not negative.
        l2: λ₂, not negative.
        convention: the factor before both sums: "full" 1, "half" ½, "mean" 1/(2m).
        m: the number of examples, for "mean".
        select: which parameters; weights, not biases, if not said.

    Raises:
        TypeError, ValueError: no such strengths, convention, m or rule.

    Source: Zou and Hastie, "Regularization and variable selection via the elastic net", Journal of
    the Royal Statistical Society B 67 (2005).
    """

    def __init__(
        self,
        l1: float,
        l2: float,
        convention: str = "full",
        m: int | None = None,
        select: Rules = weights,
    ) -> None:
        super().__init__(1, convention, m, select)
        self.l1 = not_negative(l1, "ElasticNet", "l1")
        self.l2 = not_negative(l2, "ElasticNet", "l2")

    def of(self, parameter: Parameter) -> Tensor:
        return self.l1 * abs(parameter).sum() + self.l2 * autograd.square(parameter).sum()


class Orthogonality(Penalty):
    """λ Σ|W Wᵀ − I|: 0 if the rows of W, which are the units' weights, are orthonormal.

    Args:
        strength: λ, not negative.
        select: which parameters; weights, not biases, if not said. Further axes count as columns.

    More rows than columns cannot all be orthogonal: then the penalty does not reach 0.

    Raises:
        TypeError, ValueError: no such strength or rule.

    Source: Brock, Lim, Ritchie and Weston, "Neural Photo Editing with Introspective Adversarial
    Networks", ICLR 2017.
    """

    def of(self, parameter: Parameter) -> Tensor:
        rows = parameter.reshape(len(parameter), -1)
        return abs(rows @ rows.T - np.eye(len(parameter), dtype=parameter.dtype)).sum()


class KLSparsity:
    """λ Σ KL(ρ ‖ ρ̂): has each unit's mean activation ρ̂ over a batch come near a small ρ.

        hidden = sigmoid(layer(x))
        loss = criterion(output(hidden), y) + sparsity(hidden)

    KL(ρ ‖ ρ̂) = ρ ln(ρ/ρ̂) + (1 − ρ) ln((1 − ρ)/(1 − ρ̂)) is 0 where ρ̂ = ρ. Means of exactly 0 or
    1 count as one rounding step inside.

    Args:
        strength: λ, not negative.
        rho: ρ, between 0 and 1, both excluded.

    Raises:
        TypeError, ValueError: no such strength or ρ.

    Source: Ng, "Sparse autoencoder", CS294A lecture notes, Stanford (2011).
    """

    def __init__(self, strength: float, rho: float = 0.05) -> None:
        self.strength = not_negative(strength, "KLSparsity", "strength")
        self.rho = number(rho, "KLSparsity", "rho")
        if not 0 < self.rho < 1:
            raise ValueError(
                f"KLSparsity: rho is the mean activation to be had, between 0 and 1, not {rho}."
            )

    def __call__(self, activations: Tensor) -> Tensor:
        """The penalty of activations (..., units), from 0 to 1 as a sigmoid gives them.

        Raises:
            TypeError: no Tensor (a model, for example).
            ValueError: no axis of examples, no examples, or activations outside 0 … 1.
        """
        if not isinstance(activations, Tensor):
            raise TypeError(
                "KLSparsity: it is called with activations, a Tensor (examples, units), not with "
                f"{type(activations).__name__}. Have forward return or keep the hidden layer's."
            )
        if activations.ndim < 2 or activations.size == 0:
            raise ValueError(
                "KLSparsity: activations have an axis of examples and one of units, neither of "
                f"them empty; these have shape {activations.shape}."
            )
        values = activations.data
        require(
            ((values >= 0) & (values <= 1)).all(),
            "KLSparsity: activations lie between 0 and 1, and some of these do not. Use it after a "
            "sigmoid.",
        )
        tiny = float(np.finfo(activations.dtype).eps)
        rho, mean = self.rho, activations.mean(axis=tuple(range(activations.ndim - 1)))
        mean = autograd.clip(mean, tiny, 1 - tiny)
        on = rho * (math.log(rho) - autograd.log(mean))
        off = (1 - rho) * (math.log1p(-rho) - autograd.log1p(-mean))
        return self.strength * (on + off).sum()


def _factor(who: str, convention: str, m: Any) -> float:
    if convention not in CONVENTIONS:
        raise ValueError(
            f'{who}: convention is "full" (λ Σ), "half" (½ λ Σ) or "mean" (λ/(2m) Σ), not '
            f"{convention!r}."
        )
    if (convention == "mean") != (m is not None):
        raise ValueError(
            f'{who}: m, the number of examples, belongs to convention="mean", λ/(2m) Σ, and to no '
            f"other; these are convention={convention!r} and m={m!r}."
        )
    if convention == "mean":
        return 1 / (2 * whole_number(m, who, "m"))
    return 1.0 if convention == "full" else 0.5
