"""Rprop: the gradient's sign alone, with a step size for each weight."""

from __future__ import annotations

from typing import Any

import numpy as np

from optim.flat import Array, Counts
from optim.hyperparameters import at_least_zero, pair
from optim.optimizer import Group, Numbers, Optimizer, Params, Spare


class Rprop(Optimizer):
    """Rprop: s ← η⁺ s where g kept its sign, η⁻ s where it changed; w ← w − sign(g) s.

    Where the sign has changed, a minimum was passed: there w stays this time, and the next step
    counts as neither kept nor changed. s stays within `step_sizes`. For whole batches: noise
    changes signs.

    Names, defaults and numbers as in PyTorch. Source: Riedmiller and Braun, "A direct adaptive
    method for faster backpropagation learning: the RPROP algorithm", ICNN 1993; without the way
    back after a change of sign, Igel and Hüsken 2000 call it iRprop⁻.

    Args:
        params: Tensors, or groups; see Optimizer.
        lr: s of the first step, ≥ 0.
        etas: η⁻ and η⁺, with 0 < η⁻ < 1 < η⁺.
        step_sizes: the smallest and the largest s.
        maximize, check_finite: see Optimizer.
    """

    checks = Optimizer.checks | {
        "etas": pair(at_least_zero, example=(0.5, 1.2)),
        "step_sizes": pair(at_least_zero, example=(1e-6, 50)),
    }

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0),
        *,
        maximize: bool = False,
        check_finite: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            etas=etas,
            step_sizes=step_sizes,
            maximize=maximize,
            check_finite=check_finite,
        )

    def _check(self, group: Group) -> None:
        super()._check(group)
        (less, more), (low, high) = group["etas"], group["step_sizes"]
        if not 0 < less < 1 < more:
            raise ValueError(f"Rprop: etas must be 0 < η⁻ < 1 < η⁺; they are {less} and {more}.")
        if low > high:
            raise ValueError(f"Rprop: step_sizes are a smallest and a largest, not {low}, {high}.")

    def memory(self, group: Group) -> Numbers:
        return {"prev": 0.0, "step_size": group["lr"]}

    def advance(self, group: Group, counts: Counts) -> dict[str, float]:  # noqa: ARG002
        (less, more), (low, high) = group["etas"], group["step_sizes"]
        return {"less": less, "more": more, "low": low, "high": high}

    def update(self, w: Array, g: Array, m: Any, c: Any, spare: Spare, group: Group) -> None:  # noqa: ARG002
        s, before = m.step_size, m.prev
        agreement = np.multiply(np.sign(g), np.sign(before), out=spare[0])
        turned = agreement < 0
        s *= np.where(turned, c.less, np.where(agreement > 0, c.more, 1))
        np.clip(s, c.low, c.high, out=s)
        np.copyto(before, np.where(turned, 0, g))
        w -= np.multiply(np.sign(before), s, out=spare[0])
