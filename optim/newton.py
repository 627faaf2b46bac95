"""Newton's method: to the minimum of the parabola that fits the loss here."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import Tensor, grad
from optim import guards
from optim.flat import Array
from optim.hyperparameters import one_of
from optim.line_search import Point, strong_wolfe
from optim.optimizer import Closure, Group, Params
from optim.whole import WholeOptimizer

MOST_WEIGHTS = 2000  # the Hessian of more would take over 32 MB in float64, and minutes to solve
MOST_EVALUATIONS = 25  # of one line search

NO_BACKWARD = (
    "  Newton.step(closure) differentiates the loss itself: the closure computes the loss and "
    "returns it, without backward()."
)


class Newton(WholeOptimizer):
    """Newton's method: x ← x − α (H + μ I)⁻¹ ∇f, with H the Hessian of the loss at x.

    H is exact: the loss is differentiated twice, and all rows of H come in one backward pass. For
    small problems; the memory is that of n² numbers, and of n times the loss's own values.

    Near a minimum the number of right digits doubles with each step. Far from one, the plain method
    goes to whatever point has ∇f = 0, a saddle or a maximum included. Two ways out: the damping μ
    makes H + μ I positive definite where μ exceeds −(H's smallest eigenvalue), and turns the step
    towards −∇f; a line search goes downhill in any case, along −∇f where Newton's direction leads
    uphill.

    Sources: Nocedal and Wright, "Numerical optimization", 2nd edition, sections 3.3 and 3.4;
    Levenberg, "A method for the solution of certain non-linear problems in least squares", 1944
    (the damping).

    Args:
        params: Tensors; one group at most, of no more than 2000 weights.
        lr: α ≥ 0, or the first α that the line search tries.
        damping: μ ≥ 0.
        line_search_fn: "strong_wolfe", or None for none.
        check_finite: see Optimizer.

    Raises:
        ValueError: there are too many weights.

    Example:
        def closure():
            return loss_of(model, x, y)  # no backward: the step does all differentiation

        optimizer.step(closure)  # leaves the gradient at its start in .grad
    """

    checks = WholeOptimizer.checks | {"line_search_fn": one_of(None, "strong_wolfe")}

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        damping: float = 0.0,
        line_search_fn: str | None = None,
        *,
        check_finite: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            damping=damping,
            line_search_fn=line_search_fn,
            check_finite=check_finite,
        )

    def _check(self, group: Group) -> None:
        super()._check(group)
        n = sum(p.size for p in group.get("params", ()) if isinstance(p, Tensor))
        if n > MOST_WEIGHTS:
            raise ValueError(
                f"Newton: {n:,} weights have a Hessian of {n:,} × {n:,} numbers; it takes no more "
                f"than {MOST_WEIGHTS:,}. LBFGS does with a few vectors of {n:,}."
            )

    def _step_from(self, x: Array, closure: Closure) -> Any:
        group, learned = self.param_groups[0], self._learned()
        loss, gradients, hessian = self._expansion(learned, closure)
        for parameter, gradient in zip(learned, gradients, strict=True):
            parameter.grad = gradient
        guards.check_finite(self)
        g = self._gradient_here()
        d = self._direction(g, hessian, group["damping"])
        t = group["lr"]
        if group["line_search_fn"]:
            slope = float(g @ d)
            if slope >= 0:
                d, slope = -g, -float(g @ g)
            if slope == 0:  # there is nowhere to go
                return loss
            start = Point(0.0, float(loss), slope, g)
            line = self._along(x, d, closure)
            t = strong_wolfe(line, start, t, float(np.abs(d).max()), MOST_EVALUATIONS).t
        self._move_to(x + t * d)
        return loss

    def _expansion(
        self, learned: list[Tensor], closure: Closure
    ) -> tuple[Any, list[Tensor], Array]:
        """The loss, its gradients, and its Hessian as a matrix over all weights."""
        from autograd.functional import jacobian, value_and_grad

        losses = []

        def loss(_: list[Tensor]) -> Any:
            losses.append(self._loss(closure))
            return losses[-1]

        try:
            gradients, blocks = jacobian(value_and_grad(loss))(learned)
        except RuntimeError as error:
            error.add_note(NO_BACKWARD)
            raise
        rows = [
            [block.data.reshape(p.size, q.size) for block, q in zip(row, learned, strict=True)]
            for row, p in zip(blocks, learned, strict=True)
        ]
        return losses[-1], gradients, np.block(rows)

    def _direction(self, g: Array, hessian: Array, damping: float) -> Array:
        """The d with (H + μ I) d = −∇f."""
        try:
            d = np.linalg.solve(hessian + damping * np.eye(len(g), dtype=g.dtype), -g)
        except np.linalg.LinAlgError:
            d = np.full_like(g, np.nan)
        if not np.isfinite(d).all():
            finite = np.isfinite(hessian).all() and np.isfinite(g).all()
            raise np.linalg.LinAlgError(
                "Newton.step: the Hessian is singular, so that no single step leads to the "
                "parabola's minimum: in some direction the loss does not curve, as where a "
                "parameter is not used. Pass a damping, such as 1e-3."
                if finite
                else "Newton.step: the gradient or the Hessian has NaN or infinite entries. "
                "autograd.detect_anomaly() finds where they are made."
            )
        return d

    def _look(self, closure: Closure) -> tuple[float, Array]:
        loss, learned = self._loss(closure), self._learned()
        try:
            gradients = grad(loss, learned, materialize_grads=True)
        except RuntimeError as error:
            error.add_note(NO_BACKWARD)
            raise
        return float(loss), np.concatenate([one.data.ravel() for one in gradients])
