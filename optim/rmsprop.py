"""RMSprop: each weight's step is divided by a running size of its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from optim.flat import Array
from optim.optimizer import Optimizer, Params


class RMSprop(Optimizer):
    """RMSprop: S ← γ S + (1 − γ) g², w ← w − α g / (√S + ε).

    Names, defaults and numbers as in PyTorch, where γ is called alpha. Source: Hinton, lecture 6e
    of "Neural networks for machine learning", 2012.

    Args:
        params: Tensors, or groups; see Optimizer.
        lr: learning rate α ≥ 0.
        alpha: γ in [0, 1), how much of the running average stays at each step.
        eps: ε ≥ 0, added outside the root.
        weight_decay: λ ≥ 0; adds λ w to the gradient.
    """

    memory = ("square_avg",)
    below_one = ("alpha",)

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay)

    def advance(self, group: Mapping[str, Any], t: int) -> dict[str, float]:  # noqa: ARG002
        alpha = group["alpha"]
        return {"lr": group["lr"], "alpha": alpha, "rest": 1 - alpha, "eps": group["eps"]}

    def update(
        self,
        w: Array,
        g: Array,
        m: Any,
        c: Any,
        spare: Array,
        group: Mapping[str, Any],  # noqa: ARG002
    ) -> None:
        S = m.square_avg
        np.multiply(g, g, out=spare)
        spare *= c.rest
        S *= c.alpha
        S += spare
        np.sqrt(S, out=spare)
        spare += c.eps
        np.divide(g, spare, out=spare)
        spare *= c.lr
        w -= spare
