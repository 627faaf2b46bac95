"""L-BFGS: Newton's direction, from the changes of the last gradients instead of a Hessian."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from autograd import Tensor
from autograd.places import warn
from optim import guards
from optim.flat import Array
from optim.hyperparameters import at_least_one, one_of
from optim.line_search import Point, strong_wolfe
from optim.optimizer import Closure, Group, Params, Shape
from optim.whole import WholeOptimizer

SMALLEST_CURVATURE = 1e-10  # of sᵀy: a pair below it is not remembered
ENOUGH_EVALUATIONS = 25  # for one line search


@dataclass
class Memory:
    """What L-BFGS remembers; n is the number of weights."""

    n_iter: int = 0  # iterations so far
    func_evals: int = 0  # evaluations of the loss so far
    step: Array = field(default_factory=lambda: np.zeros(0))  # the last one, shape (n,)
    gradient: Array = field(default_factory=lambda: np.zeros(0))  # where it began
    steps: list[Array] = field(default_factory=list)  # s, the newest last
    changes: list[Array] = field(default_factory=list)  # y, to each s
    scale: float = 1.0  # γ

    def copy(self) -> Memory:
        """The same; the arrays are never written, so they are shared."""
        return replace(self, steps=list(self.steps), changes=list(self.changes))

    def learn(self, gradient: Array, most: int) -> None:
        """Take in what the gradient has become after the last step; keep `most` pairs."""
        y, s = gradient - self.gradient, self.step
        curvature = float(s @ y)
        if curvature > SMALLEST_CURVATURE:
            self.steps = [*self.steps, s][-most:]
            self.changes = [*self.changes, y][-most:]
            self.scale = curvature / float(y @ y)

    def direction(self, gradient: Array) -> Array:
        """d = −H g, by the two loops."""
        q = -gradient
        pairs = [(s, y, 1 / float(s @ y)) for s, y in zip(self.steps, self.changes, strict=True)]
        shares = []
        for s, y, rho in reversed(pairs):
            a = rho * float(s @ q)
            q -= a * y
            shares.append(a)
        q *= self.scale
        for (s, y, rho), a in zip(pairs, reversed(shares), strict=True):
            q += (a - rho * float(y @ q)) * s
        return q


class LBFGS(WholeOptimizer):
    """L-BFGS: x ← x + t d with d = −H g, where H stands for the inverse Hessian.

    H is never written down. Starting from γ I, it is made to map each of the last changes of the
    gradient, y = g⁺ − g, to the step s = x⁺ − x that caused it; with ρ = 1 / sᵀy and γ = sᵀy / yᵀy
    of the newest pair,

        q ← g;   from the newest pair to the oldest:   a ← ρ sᵀq,   q ← q − a y
        q ← γ q; from the oldest pair to the newest:   q ← q + (a − ρ yᵀq) s,   and d = −q

    The step length t is `lr` (in the first iteration of all at most lr / Σ|g|), or found by a line
    search from there. One `step` makes up to `max_iter` iterations. For whole batches: the changes
    of the gradient must come from the step, not from other data.

    Names, defaults and numbers as in PyTorch. Sources: Nocedal, "Updating quasi-Newton matrices
    with limited storage", 1980; Liu and Nocedal, "On the limited memory BFGS method for large scale
    optimization", 1989; Nocedal and Wright, "Numerical optimization", 2nd edition, algorithm 7.4.

    Args:
        params: Tensors; one group at most.
        lr: t ≥ 0, or the first t that the line search tries.
        max_iter: iterations in one step.
        max_eval: evaluations of the loss in one step; 5/4 of `max_iter` if None. With a line search
            and few iterations give more, such as max_iter=1, max_eval=25: a step that ends where
            it began, because none were left for its search, warns.
        tolerance_grad: stop when no entry of |g| is larger.
        tolerance_change: stop when no parameter moves farther than this, or the loss changes less.
        history_size: how many pairs are remembered.
        line_search_fn: "strong_wolfe", or None for none.
        check_finite: see Optimizer; it looks at the point where a step begins.

    Example:
        def closure():
            optimizer.zero_grad()
            loss = loss_of(model, x, y)
            loss.backward()
            return loss

        optimizer.step(closure)
    """

    checks = WholeOptimizer.checks | {
        "max_iter": at_least_one,
        "max_eval": at_least_one,
        "history_size": at_least_one,
        "line_search_fn": one_of(None, "strong_wolfe"),
    }

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
        *,
        check_finite: bool = False,
    ) -> None:
        self._memory = Memory()
        self._warned = False
        super().__init__(
            params,
            lr=lr,
            max_iter=max_iter,
            max_eval=max_iter * 5 // 4 if max_eval is None else max_eval,
            tolerance_grad=tolerance_grad,
            tolerance_change=tolerance_change,
            history_size=history_size,
            line_search_fn=line_search_fn,
            check_finite=check_finite,
        )

    def _step_from(self, x: Array, closure: Closure) -> Any:
        before = self._memory.copy()
        if before.gradient.size not in (0, x.size):  # parameters were frozen or thawed
            self._memory = Memory()
        try:
            return self._iterate(x, closure)
        except BaseException:
            self._memory = before
            raise

    def _iterate(self, x: Array, closure: Closure) -> Any:
        group, memory = self.param_groups[0], self._memory
        begun = memory.func_evals
        answer = self._loss(closure)
        guards.check_finite(self)
        loss, g = float(answer), self._gradient_here()
        memory.func_evals += 1
        for iteration in range(1, group["max_iter"] + 1):
            if np.abs(g).max() <= group["tolerance_grad"]:
                break
            memory.n_iter += 1
            if memory.n_iter > 1:
                memory.learn(g, group["history_size"])
            d = memory.direction(g)
            t = group["lr"]
            if memory.n_iter == 1:
                t *= min(1.0, 1 / float(np.abs(g).sum()))
            start = Point(0.0, loss, float(g @ d), g)
            memory.gradient, memory.step = g, np.zeros_like(d)
            if start.slope > -group["tolerance_change"]:
                break
            line = self._along(x, d, closure)
            if group["line_search_fn"]:
                left = group["max_eval"] - (memory.func_evals - begun)
                there = strong_wolfe(line, start, t, float(np.abs(d).max()), left)
                if there.t == 0 and iteration == 1:
                    self._warn_if_short(memory.func_evals - begun)
            elif iteration < group["max_iter"]:
                there = line(t)
            else:  # where the last step leads is seen when the next one begins
                there = start._replace(t=t)
            memory.step = there.t * d
            x = x + memory.step
            self._move_to(x)
            loss, g = there.loss, there.gradient
            if (
                memory.func_evals - begun >= group["max_eval"]
                or np.abs(memory.step).max() <= group["tolerance_change"]
                or abs(loss - start.loss) < group["tolerance_change"]
            ):
                break
        return answer

    def _warn_if_short(self, used: int) -> None:
        """Of a step that led nowhere, and so will the next one: its search needs more tries."""
        most = self.param_groups[0]["max_eval"]
        if used >= most and not self._warned:
            self._warned = True
            warn(
                f"LBFGS.step: the weights stay where they are, and will: max_eval={most} left the "
                "line search too few evaluations to find a lower loss (by default it is 5/4 of "
                f"max_iter). Give it more: LBFGS(..., max_eval={max(ENOUGH_EVALUATIONS, 2 * most)})"
                "."
            )

    def _look(self, closure: Closure) -> tuple[float, Array]:
        self._memory.func_evals += 1
        return float(self._loss(closure)), self._gradient_here()

    # One entry of state, under the first parameter, as in PyTorch.

    @property
    def state(self) -> dict[Tensor, dict[str, Any]]:
        """What is remembered, under the first parameter; see Memory."""
        if not self._memory.func_evals:
            return {}
        n = self._memory.gradient.size
        rows = {k: np.reshape(getattr(self._memory, k), (-1, n)) for k in ("steps", "changes")}
        return {next(self._parameters()): vars(self._memory) | rows}

    def _state_shapes(self, group: Group, parameter: Tensor) -> dict[str, Shape]:  # noqa: ARG002
        if parameter is not next(self._parameters()):
            return {}
        n = self._point().size
        vectors = {"step": (n,), "gradient": (n,), "steps": (None, n), "changes": (None, n)}
        return {"n_iter": (), "func_evals": (), "scale": (), **vectors}

    def _load_state(self, state: Mapping[Tensor, Mapping[str, Any]]) -> None:
        self._memory = Memory()
        for entry in state.values():  # one, or none
            vectors = ("step", "gradient", "steps", "changes")
            step, gradient, steps, changes = (
                np.array(entry[name], self._point().dtype) for name in vectors
            )
            self._memory = Memory(
                int(entry["n_iter"]),
                int(entry["func_evals"]),
                step,
                gradient,
                list(steps),
                list(changes),
                float(entry["scale"]),
            )
