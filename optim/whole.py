"""What the methods share that see all parameters as one point x, and ask for the loss there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd import Tensor
from optim.flat import Array
from optim.line_search import Point
from optim.optimizer import Closure, Optimizer
from optim.recorded import refuse_to_record


class WholeOptimizer(Optimizer):
    """Base of methods that treat all parameters as one vector and evaluate the loss themselves.

    There is one group. If the closure raises, or anything else, the parameters and what the method
    remembers are as before the step.
    """

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Take the parameters of the one group; raises ValueError for a second."""
        if self.param_groups:
            raise ValueError(
                f"{type(self).__name__} takes all parameters as one vector, so there is one group."
            )
        super().add_param_group(group)

    def step(self, closure: Closure | None = None) -> Any:
        """Go to a better point.

        Args:
            closure: computes the loss at the parameters as they are, and returns it; see the class.

        Returns:
            The loss at the point where the step began.

        Raises:
            TypeError: there is no closure, or it returns no loss.
            ValueError: no parameter requires a gradient; a hyper-parameter was set to what it may
                not be.
            FloatingPointError: the gradient where the step begins is not finite, with check_finite.
        """
        if closure is None:
            raise TypeError(
                f"{type(self).__name__}.step(closure) evaluates the loss itself: pass a function "
                "that computes the loss and returns it."
            )
        refuse_to_record(self)
        self._check_groups()
        if not self._learned():
            raise ValueError(f"{type(self).__name__}.step: no parameter requires a gradient.")
        before = [p.data.copy() for p in self._parameters()]
        try:
            return self._step_from(self._point(), closure)
        except BaseException:
            for parameter, values in zip(self._parameters(), before, strict=True):
                parameter.copy_(values)
            raise

    def _step_from(self, x: Array, closure: Closure) -> Any:
        raise NotImplementedError

    def _learned(self) -> list[Tensor]:
        return [p for p in self._parameters() if p.requires_grad]

    def _point(self) -> Array:
        """Where the parameters are."""
        return np.concatenate([p.data.ravel() for p in self._learned()])

    def _move_to(self, x: Array) -> None:
        start = 0
        for p in self._learned():
            p.copy_(x[start : start + p.size].reshape(p.shape))
            start += p.size

    def _gradient_here(self) -> Array:
        """The gradients as one vector; 0 for a parameter without one."""
        parts = [
            np.zeros(p.size, p.dtype) if p.grad is None else p.grad.data.ravel()
            for p in self._learned()
        ]
        return np.concatenate(parts)

    def _look(self, closure: Closure) -> tuple[float, Array]:
        """The loss and its gradient where the parameters are."""
        raise NotImplementedError

    def _along(self, x: Array, d: Array, closure: Closure) -> Callable[[float], Point]:
        """The points x + t d by t; the parameters stay where they were evaluated last."""

        def evaluate(t: float) -> Point:
            self._move_to(x + t * d)
            loss, g = self._look(closure)
            return Point(t, loss, float(g @ d), g)

        return evaluate

    def _loss(self, closure: Closure) -> Any:
        """What the closure answers: a single number."""
        loss = self._evaluate(closure)
        if np.size(loss) != 1 or not hasattr(loss, "__float__"):
            found = "None" if loss is None else f"a {type(loss).__name__}"
            found += f" of shape {loss.shape}" if hasattr(loss, "shape") else ""
            raise TypeError(
                f"{type(self).__name__}.step: the closure must return the loss, a single number; "
                f"it returned {found}."
            )
        return loss
