"""RMSprop: each weight's step is divided by a running size of its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from optim.flat import Array, Counts
from optim.hyperparameters import below_one, flag
from optim.optimizer import Group, Numbers, Optimizer, Params, Spare


class RMSprop(Optimizer):
    """RMSprop: S ← γ S + (1 − γ) g², w ← w − α g / (√S + ε).

    Options: `centered` divides by the running standard deviation, with ḡ ← γ ḡ + (1 − γ) g and
    S − ḡ² in the place of S; `momentum` μ moves along b ← μ b + g / (√S + ε), w ← w − α b;
    `eps_inside` writes √(S + ε) for √S + ε.

    Names, defaults and numbers as in PyTorch, where γ is called alpha; but S − ḡ², which rounding
    may leave below 0, counts as 0 then (it gives NaN there), and `eps_inside` is new. Sources:
    Hinton, lecture 6e of "Neural networks for machine learning", 2012; Graves, "Generating
    sequences with recurrent neural networks", 2013, equations 38 to 41 (centered, with momentum).

    Args:
        params: Tensors, or groups; see Optimizer.
        lr: learning rate α ≥ 0.
        alpha: γ in [0, 1), how much of the running averages stays at each step.
        eps: ε ≥ 0.
        weight_decay: λ ≥ 0; adds λ w to the gradient.
        momentum: μ ≥ 0.
        centered: whether the mean gradient is taken out.
        eps_inside: whether ε stands inside the root.
        maximize, check_finite: see Optimizer.
    """

    checks = Optimizer.checks | {"alpha": below_one, "centered": flag, "eps_inside": flag}

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        *,
        eps_inside: bool = False,
        maximize: bool = False,
        check_finite: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            alpha=alpha,
            eps=eps,
            weight_decay=weight_decay,
            momentum=momentum,
            centered=centered,
            eps_inside=eps_inside,
            maximize=maximize,
            check_finite=check_finite,
        )

    def memory(self, group: Group) -> Numbers:
        slots = {"square_avg": 0.0}
        if group["momentum"]:
            slots["momentum_buffer"] = 0.0
        if group["centered"]:
            slots["grad_avg"] = 0.0
        return slots

    def advance(self, group: Group, counts: Counts) -> dict[str, float]:  # noqa: ARG002
        alpha = group["alpha"]
        numbers = {"lr": group["lr"], "alpha": alpha, "rest": 1 - alpha, "eps": group["eps"]}
        if group["momentum"]:
            numbers["momentum"] = group["momentum"]
        return numbers

    def update(self, w: Array, g: Array, m: Any, c: Any, spare: Spare, group: Group) -> None:
        S, step = m.square_avg, spare[0]
        np.multiply(g, g, out=step)
        step *= c.rest
        S *= c.alpha
        S += step
        size = S
        if group["centered"]:
            mean = m.grad_avg
            mean *= c.alpha
            mean += np.multiply(g, c.rest, out=step)
            np.multiply(mean, mean, out=step)
            size = np.subtract(S, step, out=step)
            np.maximum(size, 0, out=size)
        if group["eps_inside"]:
            np.add(size, c.eps, out=step)
            np.sqrt(step, out=step)
        else:
            np.sqrt(size, out=step)
            step += c.eps
        direction = np.divide(g, step, out=step)
        if group["momentum"]:
            direction = m.momentum_buffer
            direction *= c.momentum
            direction += step
        w -= np.multiply(direction, c.lr, out=step)
