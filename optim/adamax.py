"""Adamax: Adam with the largest gradient, slowly forgotten, in the place of the mean square."""

from __future__ import annotations

from typing import Any

import numpy as np

from optim.adam import BETAS
from optim.flat import Array, Counts
from optim.optimizer import Group, Numbers, Optimizer, Params, Spare


class Adamax(Optimizer):
    """Adamax: m ← β₁ m + (1 − β₁) g, u ← max(β₂ u, |g| + ε), w ← w − α / (1 − β₁ᵗ) · m / u.

    Names, defaults and numbers as in PyTorch. Source: Kingma and Ba, "Adam: a method for stochastic
    optimization", ICLR 2015, algorithm 2 (there without ε).

    Args:
        params: Tensors, or groups; see Optimizer.
        lr: learning rate α ≥ 0.
        betas: β₁ and β₂, both in [0, 1).
        eps: ε ≥ 0; keeps u above 0.
        weight_decay: λ ≥ 0; adds λ w to the gradient.
        maximize, check_finite: see Optimizer.
    """

    checks = Optimizer.checks | {"betas": BETAS}

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        check_finite: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            maximize=maximize,
            check_finite=check_finite,
        )

    def memory(self, group: Group) -> Numbers:  # noqa: ARG002
        return {"exp_avg": 0.0, "exp_inf": 0.0}

    def advance(self, group: Group, counts: Counts) -> dict[str, float]:
        beta1, beta2 = group["betas"]
        return {
            "beta1": beta1,
            "rest1": 1 - beta1,
            "beta2": beta2,
            "eps": group["eps"],
            "rate": group["lr"] / (1 - beta1 ** counts["step"]),
        }

    def update(self, w: Array, g: Array, m: Any, c: Any, spare: Spare, group: Group) -> None:  # noqa: ARG002
        average, u, step = m.exp_avg, m.exp_inf, spare[0]
        average *= c.beta1
        average += np.multiply(g, c.rest1, out=step)
        np.absolute(g, out=step)
        step += c.eps
        u *= c.beta2
        np.maximum(u, step, out=u)
        np.divide(average, u, out=step)
        step *= c.rate
        w -= step
