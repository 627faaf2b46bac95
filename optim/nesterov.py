"""Nesterov's accelerated gradient, with the gradient taken at the look-ahead point."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd import Tensor
from optim.flat import Array, Counts
from optim.optimizer import Closure, Group, Numbers, Optimizer, Params, Spare
from optim.recorded import refuse_to_record


class Nesterov(Optimizer):
    """Nesterov's method: v ← β v + ∇L(w − α β v), w ← w − α v.

    The momentum carries the weights to w − α β v in any case; the gradient is taken there. `step`
    therefore needs a function that computes the loss and its gradients: it moves the weights ahead,
    calls the function, and goes on from there, to (w − α β v) − α ∇L, which is the same w − α v.
    Weight decay belongs to the loss, so it is that of the look-ahead point.

    Seen at the look-ahead points w' = w − α β v, this is SGD(nesterov=True), which needs no
    function: there .grad belongs to the weights one sees, and here to the point looked at.

    Sources: Nesterov, "A method for solving the convex programming problem with convergence rate
    O(1/k²)", 1983; Sutskever et al., "On the importance of initialization and momentum in deep
    learning", ICML 2013, equations 3 and 4 (there v is −α v).

    Args:
        params: Tensors, or groups; see Optimizer.
        lr: learning rate α ≥ 0.
        momentum: β ≥ 0.
        weight_decay: λ ≥ 0; adds λ (w − α β v) to the gradient.
        maximize, check_finite: see Optimizer.

    Example:
        def closure():
            optimizer.zero_grad()
            loss = loss_of(model, x, y)
            loss.backward()
            return loss

        optimizer.step(closure)
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
        check_finite: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            momentum=momentum,
            weight_decay=weight_decay,
            maximize=maximize,
            check_finite=check_finite,
        )

    def memory(self, group: Group) -> Numbers:  # noqa: ARG002
        return {"momentum_buffer": 0.0}

    def advance(self, group: Group, counts: Counts) -> dict[str, float]:  # noqa: ARG002
        return {"lr": group["lr"], "momentum": group["momentum"]}

    def update(self, w: Array, g: Array, m: Any, c: Any, spare: Spare, group: Group) -> None:  # noqa: ARG002
        v = m.momentum_buffer
        v *= c.momentum
        v += g
        w -= np.multiply(g, c.lr, out=spare[0])  # w is at the look-ahead point

    def step(self, closure: Closure | None = None) -> Any:
        """Update every parameter that gets a gradient; see Optimizer.step.

        Raises:
            TypeError: there is no closure.
        """
        if closure is None:
            raise TypeError(
                "Nesterov.step(closure) takes the gradient at the look-ahead point: pass a "
                "function that calls zero_grad(), computes the loss, calls backward() and returns "
                "the loss. SGD(nesterov=True) needs none."
            )
        refuse_to_record(self)
        self._check_groups()
        before = [(p, p.data.copy()) for p in self._parameters()]
        try:
            self._look_ahead()
            loss = self._evaluate(closure)
            _put_back((p, w) for p, w in before if p._grad is None or not p._requires_grad)
            self._follow_gradients()
        except BaseException:
            _put_back(before)
            raise
        return loss

    def _look_ahead(self) -> None:
        """w ← w − α β v."""
        for group, flat in self._flats:
            flat.remember(self.memory(group))
            for i, parameter in enumerate(flat.parameters):
                if parameter._requires_grad:
                    v = flat.slot("momentum_buffer", i)
                    parameter.copy_(parameter._data - group["lr"] * group["momentum"] * v)


def _put_back(weights: Iterable[tuple[Tensor, Array]]) -> None:
    for parameter, values in weights:
        parameter.copy_(values)
