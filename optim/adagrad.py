"""Adagrad: each weight's step is divided by the size of all its gradients so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from optim.flat import Array, Counts
from optim.optimizer import Group, Numbers, Optimizer, Params, Spare


class Adagrad(Optimizer):
    """Adagrad: G ← G + g², w ← w − α g / (√G + ε).

    With `lr_decay` η, α of step t is α / (1 + (t − 1) η). Names, defaults and numbers as in
    PyTorch. Source: Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and
    stochastic optimization", JMLR 2011 (the diagonal form).

    Args:
        params: Tensors, or groups; see Optimizer.
        lr: learning rate α ≥ 0.
        lr_decay: η ≥ 0.
        weight_decay: λ ≥ 0; adds λ w to the gradient.
        initial_accumulator_value: G before the first step, ≥ 0.
        eps: ε ≥ 0.
        maximize, check_finite: see Optimizer.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        *,
        maximize: bool = False,
        check_finite: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
            maximize=maximize,
            check_finite=check_finite,
        )

    def memory(self, group: Group) -> Numbers:
        return {"sum": group["initial_accumulator_value"]}

    def advance(self, group: Group, counts: Counts) -> dict[str, float]:
        rate = group["lr"] / (1 + (counts["step"] - 1) * group["lr_decay"])
        return {"rate": rate, "eps": group["eps"]}

    def update(self, w: Array, g: Array, m: Any, c: Any, spare: Spare, group: Group) -> None:  # noqa: ARG002
        G, step = m.sum, spare[0]
        G += np.multiply(g, g, out=step)
        np.sqrt(G, out=step)
        step += c.eps
        np.divide(g, step, out=step)
        step *= c.rate
        w -= step
