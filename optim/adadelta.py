"""Adadelta: steps in the weights' own units, without a learning rate to choose."""

from __future__ import annotations

from typing import Any

import numpy as np

from optim.flat import Array, Counts
from optim.hyperparameters import below_one
from optim.optimizer import Group, Numbers, Optimizer, Params, Spare


class Adadelta(Optimizer):
    """Adadelta: S ← ρ S + (1 − ρ) g², Δ = √(U + ε) / √(S + ε) · g, U ← ρ U + (1 − ρ) Δ²,
    w ← w − α Δ.

    S and U are running means of the squares of gradients and of steps. Names, defaults and numbers
    as in PyTorch. Source: Zeiler, "ADADELTA: an adaptive learning rate method", 2012, algorithm 1
    (there α = 1).

    Args:
        params: Tensors, or groups; see Optimizer.
        lr: α ≥ 0, by which Δ is multiplied.
        rho: ρ in [0, 1), how much of the running means stays at each step.
        eps: ε ≥ 0, inside the roots; it also makes the first steps.
        weight_decay: λ ≥ 0; adds λ w to the gradient.
        maximize, check_finite: see Optimizer.
    """

    checks = Optimizer.checks | {"rho": below_one}

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        check_finite: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            rho=rho,
            eps=eps,
            weight_decay=weight_decay,
            maximize=maximize,
            check_finite=check_finite,
        )

    def memory(self, group: Group) -> Numbers:  # noqa: ARG002
        return {"square_avg": 0.0, "acc_delta": 0.0}

    def advance(self, group: Group, counts: Counts) -> dict[str, float]:  # noqa: ARG002
        rho = group["rho"]
        return {"lr": group["lr"], "rho": rho, "rest": 1 - rho, "eps": group["eps"]}

    def update(self, w: Array, g: Array, m: Any, c: Any, spare: Spare, group: Group) -> None:  # noqa: ARG002
        S, U = m.square_avg, m.acc_delta
        step, other = spare
        np.multiply(g, g, out=other)
        other *= c.rest
        S *= c.rho
        S += other
        np.add(S, c.eps, out=other)
        np.sqrt(other, out=other)
        np.add(U, c.eps, out=step)
        np.sqrt(step, out=step)
        step /= other
        step *= g
        np.multiply(step, step, out=other)
        other *= c.rest
        U *= c.rho
        U += other
        step *= c.lr
        w -= step
