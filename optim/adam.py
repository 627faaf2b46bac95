"""Adam: momentum, divided by a running size of the gradient, both corrected for their start."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from optim.flat import Array
from optim.optimizer import Optimizer, Params


class Adam(Optimizer):
    """Adam: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − α m̂ / (√v̂ + ε).

    Here m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) correct for the start at zero. Names, defaults
    and numbers as in PyTorch. Source: Kingma and Ba, "Adam: a method for stochastic optimization",
    ICLR 2015, algorithm 1.

    Args:
        params: Tensors, or groups; see Optimizer.
        lr: learning rate α ≥ 0.
        betas: β₁ and β₂, both in [0, 1).
        eps: ε ≥ 0.
        weight_decay: λ ≥ 0; adds λ w to the gradient.
    """

    memory = ("exp_avg", "exp_avg_sq")
    below_one = ("betas",)

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def _check(self, group: dict[str, Any]) -> None:
        if np.shape(group["betas"]) != (2,):
            raise ValueError(
                f"Adam: betas is a pair such as (0.9, 0.999), and not {group['betas']!r}."
            )
        super()._check(group)

    def advance(self, group: Mapping[str, Any], t: int) -> dict[str, float]:
        beta1, beta2 = group["betas"]
        # α m̂ / (√v̂ + ε) = rate · m / (√v + floor): the corrections cost no pass over the arrays.
        correction = math.sqrt(1 - beta2**t)
        return {
            "beta1": beta1,
            "rest1": 1 - beta1,
            "beta2": beta2,
            "rest2": 1 - beta2,
            "rate": group["lr"] * correction / (1 - beta1**t),
            "floor": group["eps"] * correction,
        }

    def update(
        self,
        w: Array,
        g: Array,
        m: Any,
        c: Any,
        spare: Array,
        group: Mapping[str, Any],  # noqa: ARG002
    ) -> None:
        average, square = m.exp_avg, m.exp_avg_sq
        np.multiply(g, c.rest1, out=spare)
        average *= c.beta1
        average += spare
        np.multiply(g, g, out=spare)
        spare *= c.rest2
        square *= c.beta2
        square += spare
        np.sqrt(square, out=spare)
        spare += c.floor
        np.divide(average, spare, out=spare)
        spare *= c.rate
        w -= spare
