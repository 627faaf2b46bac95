"""Adam: momentum, divided by a running size of the gradient, both corrected for their start."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from optim.flat import Array, Counts
from optim.hyperparameters import below_one, flag, pair
from optim.optimizer import Group, Numbers, Optimizer, Params, Spare

BETAS = pair(below_one, example=(0.9, 0.999))


class Adam(Optimizer):
    """Adam: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − α m̂ / (√v̂ + ε).

    Here m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) correct for the start at zero. With `amsgrad` the
    largest v so far stands in v's place, so that steps never grow for want of large gradients.

    Names, defaults and numbers as in PyTorch. Sources: Kingma and Ba, "Adam: a method for
    stochastic optimization", ICLR 2015, algorithm 1; Reddi, Kale and Kumar, "On the convergence of
    Adam and beyond", ICLR 2018 (AMSGrad; there without the corrections).

    Args:
        params: Tensors, or groups; see Optimizer.
        lr: learning rate α ≥ 0.
        betas: β₁ and β₂, both in [0, 1).
        eps: ε ≥ 0.
        weight_decay: λ ≥ 0; adds λ w to the gradient.
        amsgrad: whether the largest v counts.
        maximize, check_finite, decoupled_weight_decay: see Optimizer.
    """

    checks = Optimizer.checks | {"betas": BETAS, "amsgrad": flag}

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
        check_finite: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
            decoupled_weight_decay=decoupled_weight_decay,
            check_finite=check_finite,
        )

    def memory(self, group: Group) -> Numbers:
        slots = {"exp_avg": 0.0, "exp_avg_sq": 0.0}
        return slots | {"max_exp_avg_sq": 0.0} if group["amsgrad"] else slots

    def advance(self, group: Group, counts: Counts) -> dict[str, float]:
        (beta1, beta2), t = group["betas"], counts["step"]
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

    def update(self, w: Array, g: Array, m: Any, c: Any, spare: Spare, group: Group) -> None:
        average, square, step = m.exp_avg, m.exp_avg_sq, spare[0]
        np.multiply(g, c.rest1, out=step)
        average *= c.beta1
        average += step
        np.multiply(g, g, out=step)
        step *= c.rest2
        square *= c.beta2
        square += step
        if group["amsgrad"]:
            square = np.maximum(m.max_exp_avg_sq, square, out=m.max_exp_avg_sq)
        np.sqrt(square, out=step)
        step += c.floor
        np.divide(average, step, out=step)
        step *= c.rate
        w -= step


class AdamW(Adam):
    """Adam with decoupled weight decay: w ← (1 − α λ) w, then w ← w − α m̂ / (√v̂ + ε).

    The decay does not pass through m and v, so that all weights decay alike. Names, defaults and
    numbers as in PyTorch. Source: Loshchilov and Hutter, "Decoupled weight decay regularization",
    ICLR 2019, algorithm 2 (there the decay is multiplied by the schedule alone, not by α).

    Args:
        params: Tensors, or groups; see Optimizer.
        lr: learning rate α ≥ 0.
        betas: β₁ and β₂, both in [0, 1).
        eps: ε ≥ 0.
        weight_decay: λ ≥ 0.
        amsgrad: whether the largest v counts.
        maximize, check_finite: see Optimizer.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        check_finite: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr,
            betas,
            eps,
            weight_decay,
            amsgrad,
            maximize=maximize,
            decoupled_weight_decay=True,
            check_finite=check_finite,
        )
