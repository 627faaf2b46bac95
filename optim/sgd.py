"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from optim.flat import Array
from optim.optimizer import Optimizer, Params


class SGD(Optimizer):
    """Gradient descent: w ← w − α g; with momentum v ← β v + g, w ← w − α v.

    With `nesterov`, w ← w − α (g + β v): Nesterov's method in terms of the look-ahead point.
    Names, defaults and numbers as in PyTorch. Sources: Polyak, "Some methods of speeding up the
    convergence of iteration methods", 1964; Sutskever et al., "On the importance of initialization
    and momentum in deep learning", ICML 2013.

    Args:
        params: Tensors, or groups; see Optimizer.
        lr: learning rate α ≥ 0.
        momentum: β ≥ 0; usually 0.9, and 0 for none.
        weight_decay: λ ≥ 0; adds λ w to the gradient (an L2 penalty ½ λ w²).
        nesterov: use Nesterov's form; needs momentum.
    """

    memory = ("momentum_buffer",)

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(
            params, lr=lr, momentum=momentum, weight_decay=weight_decay, nesterov=nesterov
        )

    def _check(self, group: dict[str, Any]) -> None:
        super()._check(group)
        if group["nesterov"] and not group["momentum"]:
            raise ValueError("SGD: nesterov=True needs momentum, such as momentum=0.9.")

    def advance(self, group: Mapping[str, Any], t: int) -> dict[str, float]:  # noqa: ARG002
        return {"lr": group["lr"], "momentum": group["momentum"]}

    def update(
        self, w: Array, g: Array, m: Any, c: Any, spare: Array, group: Mapping[str, Any]
    ) -> None:
        direction = g
        if group["momentum"]:
            v = direction = m.momentum_buffer
            v *= c.momentum
            v += g
        if group["nesterov"] and group["momentum"]:
            np.multiply(v, c.momentum, out=spare)
            spare += g
            direction = spare
        np.multiply(direction, c.lr, out=spare)
        w -= spare
