"""NAdam: Adam that looks ahead, as Nesterov's method does."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from optim.adam import BETAS
from optim.flat import Array, Counts
from optim.optimizer import Group, Numbers, Optimizer, Params, Spare


class NAdam(Optimizer):
    """NAdam: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − α m̄ / (√v̂ + ε).

    Here v̂ = v / (1 − β₂ᵗ), and m̄ = μₜ₊₁ m / (1 − Πμ μₜ₊₁) + (1 − μₜ) g / (1 − Πμ) is the average
    that the next step would start from, corrected for its start: μₜ = β₁ (1 − ½ · 0.96^(t ψ)) warms
    the momentum up, and Πμ is the product μ₁ … μₜ.

    Names, defaults and numbers as in PyTorch. Source: Dozat, "Incorporating Nesterov momentum into
    Adam", ICLR 2016 workshop, algorithm 2.

    Args:
        params: Tensors, or groups; see Optimizer.
        lr: learning rate α ≥ 0.
        betas: β₁ and β₂, both in [0, 1).
        eps: ε ≥ 0.
        weight_decay: λ ≥ 0; adds λ w to the gradient.
        momentum_decay: ψ ≥ 0, the pace of the warm-up.
        decoupled_weight_decay, maximize, check_finite: see Optimizer.
    """

    counted = Optimizer.counted | {"mu_product": 1.0}
    checks = Optimizer.checks | {"betas": BETAS}

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
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
            momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            check_finite=check_finite,
        )

    def memory(self, group: Group) -> Numbers:  # noqa: ARG002
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def advance(self, group: Group, counts: Counts) -> dict[str, float]:
        (beta1, beta2), t = group["betas"], counts["step"]
        mu, mu_next = (
            beta1 * (1 - 0.5 * 0.96 ** (i * group["momentum_decay"])) for i in (t, t + 1)
        )
        product = counts["mu_product"] = counts["mu_product"] * mu
        correction = math.sqrt(1 - beta2**t)  # of the root of v, moved to the other side
        rate = group["lr"] * correction
        return {
            "beta1": beta1,
            "rest1": 1 - beta1,
            "beta2": beta2,
            "rest2": 1 - beta2,
            "rate": rate * mu_next / (1 - product * mu_next),
            "rate_of_g": rate * (1 - mu) / (1 - product),
            "floor": group["eps"] * correction,
        }

    def update(self, w: Array, g: Array, m: Any, c: Any, spare: Spare, group: Group) -> None:  # noqa: ARG002
        average, square = m.exp_avg, m.exp_avg_sq
        step, size = spare
        average *= c.beta1
        average += np.multiply(g, c.rest1, out=step)
        np.multiply(g, g, out=size)
        size *= c.rest2
        square *= c.beta2
        square += size
        np.sqrt(square, out=size)
        size += c.floor
        np.multiply(g, c.rate_of_g, out=step)
        step /= size
        w -= step
        np.multiply(average, c.rate, out=step)
        step /= size
        w -= step
