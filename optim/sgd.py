"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from optim.flat import Array, Counts
from optim.hyperparameters import flag, one_of
from optim.optimizer import Group, Numbers, Optimizer, Params, Spare


class SGD(Optimizer):
    """Gradient descent: w ← w − α g; with momentum v ← β v + g, w ← w − α v.

    Three conventions for the momentum are in use, from v = 0:

        form="accumulate"   v ← β v + g,             w ← w − α v    (PyTorch's)
        form="average"      v ← β v + (1 − β) g,     w ← w − α v    (an average of gradients)
        form="velocity"     v ← β v + α g,           w ← w − v      (the papers')

    The average moves 1 − β times as far as the first form; the velocity differs from it when α
    changes, because v remembers the α of its time. With `nesterov`, w moves along β v + g in the
    place of v, where g stands for what was added to v: Nesterov's method in terms of the look-ahead
    point (class `Nesterov` has it as the textbook does).

    Names, defaults and numbers as in PyTorch. Sources: Robbins and Monro, "A stochastic
    approximation method", 1951; Polyak, "Some methods of speeding up the convergence of iteration
    methods", 1964; Sutskever et al., "On the importance of initialization and momentum in deep
    learning", ICML 2013.

    Args:
        params: Tensors, or groups; see Optimizer.
        lr: learning rate α ≥ 0.
        momentum: β ≥ 0; usually 0.9, and 0 for none.
        dampening: τ ≥ 0: v ← β v + (1 − τ) g, but for the first step, which is not dampened (as
            in PyTorch; so τ = β is not the average).
        weight_decay: λ ≥ 0; adds λ w to the gradient (an L2 penalty ½ λ ‖w‖²).
        nesterov: use Nesterov's form; needs momentum, and no dampening.
        form: "accumulate", "average" or "velocity".
        maximize, check_finite: see Optimizer.
    """

    checks = Optimizer.checks | {
        "nesterov": flag,
        "form": one_of("accumulate", "average", "velocity"),
    }

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        *,
        form: str = "accumulate",
        maximize: bool = False,
        check_finite: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            momentum=momentum,
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            form=form,
            maximize=maximize,
            check_finite=check_finite,
        )

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Add parameters with hyper-parameters of their own; raises as the class does."""
        complete = {**self.defaults, **group}
        if complete["nesterov"] and not complete["momentum"]:  # later it may be switched off
            raise ValueError("SGD: nesterov=True needs momentum, such as momentum=0.9.")
        super().add_param_group(group)

    def _check(self, group: Group) -> None:
        super()._check(group)
        if group["dampening"] and (group["nesterov"] or group["form"] != "accumulate"):
            other = "nesterov=True" if group["nesterov"] else f"form={group['form']!r}"
            raise ValueError(f"SGD: dampening and {other} exclude each other.")

    def memory(self, group: Group) -> Numbers:
        return {"momentum_buffer": 0.0} if group["momentum"] else {}

    def advance(self, group: Group, counts: Counts) -> dict[str, float]:
        lr, momentum, form = group["lr"], group["momentum"], group["form"]
        if not momentum:
            return {"rate": lr}
        if form == "velocity":
            return {"momentum": momentum, "share": lr, "rate": 1.0}
        if form == "average":
            return {"momentum": momentum, "share": 1 - momentum, "rate": lr}
        share = 1.0 if counts["step"] == 1 else 1 - group["dampening"]
        return {"momentum": momentum, "share": share, "rate": lr}

    def update(self, w: Array, g: Array, m: Any, c: Any, spare: Spare, group: Group) -> None:
        step, part = spare
        if not group["momentum"]:
            w -= np.multiply(g, c.rate, out=step)
            return
        v = direction = m.momentum_buffer
        if group["form"] != "accumulate" or group["dampening"]:
            g = np.multiply(g, c.share, out=part)
        v *= c.momentum
        v += g
        if group["nesterov"]:
            direction = np.multiply(v, c.momentum, out=step)
            direction += g
        w -= np.multiply(direction, c.rate, out=step)
