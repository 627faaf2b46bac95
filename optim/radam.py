"""RAdam: Adam that divides by the gradient's size only once it knows it well enough."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from optim.adam import BETAS
from optim.flat import Array, Counts
from optim.optimizer import Group, Numbers, Optimizer, Params, Spare


class RAdam(Optimizer):
    """RAdam: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²; then, with m̂ = m / (1 − β₁ᵗ),

        w ← w − α r m̂ √(1 − β₂ᵗ) / (√v + ε)    where ρₜ > 5
        w ← w − α m̂                            before that

    Here ρₜ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ), with ρ∞ = 2 / (1 − β₂) − 1, says of how many gradients v is
    the average, and r = √((ρₜ − 4)(ρₜ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρₜ)) makes up for its variance.

    Names, defaults and numbers as in PyTorch. Source: Liu et al., "On the variance of the adaptive
    learning rate and beyond", ICLR 2020, algorithm 2 (there the bound is 4, and there is no ε).

    Args:
        params: Tensors, or groups; see Optimizer.
        lr: learning rate α ≥ 0.
        betas: β₁ and β₂, both in [0, 1).
        eps: ε ≥ 0.
        weight_decay: λ ≥ 0; adds λ w to the gradient.
        decoupled_weight_decay, maximize, check_finite: see Optimizer.
    """

    checks = Optimizer.checks | {"betas": BETAS}

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
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
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
            check_finite=check_finite,
        )

    def memory(self, group: Group) -> Numbers:  # noqa: ARG002
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def advance(self, group: Group, counts: Counts) -> dict[str, float]:
        (beta1, beta2), t = group["betas"], counts["step"]
        rest = 1 - beta2**t
        most = 2 / (1 - beta2) - 1
        length = most - 2 * t * beta2**t / rest
        rate, known = group["lr"] / (1 - beta1**t), length > 5
        if known:
            variance = (length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)
            rate *= math.sqrt(variance * rest)
        return {
            "beta1": beta1,
            "rest1": 1 - beta1,
            "beta2": beta2,
            "rest2": 1 - beta2,
            "rate": rate,
            # Divided by known · √v + floor: one formula for both, so that only numbers change.
            "known": float(known),
            "floor": group["eps"] if known else 1.0,
        }

    def update(self, w: Array, g: Array, m: Any, c: Any, spare: Spare, group: Group) -> None:  # noqa: ARG002
        average, square, step = m.exp_avg, m.exp_avg_sq, spare[0]
        average *= c.beta1
        average += np.multiply(g, c.rest1, out=step)
        np.multiply(g, g, out=step)
        step *= c.rest2
        square *= c.beta2
        square += step
        np.sqrt(square, out=step)
        step *= c.known
        step += c.floor
        np.divide(average, step, out=step)
        step *= c.rate
        w -= step
