"""A gradient over several batches, as if they had been one."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self, cast

import numpy as np

from autograd import Tensor
from autograd.steps import recording_step
from optim.clip import change_grad, given_parameters


class accumulate:
    """Collect the gradient of the mean loss over all examples of several batches.

    For more examples than fit into memory at once. Each batch counts by its number of examples, so
    that a smaller last one is right too.

    Example:
        optimizer.zero_grad()
        with optim.accumulate(model.parameters()) as batch:
            for x, y in parts:
                batch.add(loss_fn(model(x), y), len(x))
        optimizer.step()
        print(batch.loss)  # the mean over all examples

    If an error leaves the block, the gradients are None, not half of a sum.

    Args:
        parameters: Tensors, or one.

    Raises:
        TypeError, ValueError: there are no parameters.
        RuntimeError: on entering, there are gradients already.
    """

    def __init__(self, parameters: Tensor | Iterable[Tensor]) -> None:
        self._parameters = given_parameters("accumulate", parameters)
        self._examples = 0
        self._total = Tensor(np.zeros(()))

    @property
    def loss(self) -> float:
        """The mean loss over all examples so far; NaN before the first.

        Within `autograd.compile` it is a Tensor, as its value is new each time.
        """
        if not self._examples:
            return float("nan")
        mean = self._total / self._examples
        return cast(float, mean) if recording_step.get() is not None else mean.item()

    def add(self, loss: Tensor, examples: int) -> None:
        """Run backward for a batch.

        Args:
            loss: the mean loss over the batch's examples, a single number.
            examples: how many these are, at least 1.

        Raises:
            ValueError: examples is not a positive whole number.
        """
        if isinstance(examples, bool) or not isinstance(examples, int) or examples < 1:
            raise ValueError(
                "accumulate.add: the second argument is how many examples the loss is the mean "
                f"of, len(x), and not {examples!r}."
            )
        (loss * examples).backward()
        self._total = self._total + loss.detach().astype(np.float64).reshape(()) * examples
        self._examples += examples

    def __enter__(self) -> Self:
        if any(p.grad is not None for p in self._parameters):
            raise RuntimeError(
                "accumulate: there are gradients already, of which a mean cannot be made. Call "
                "optimizer.zero_grad() first."
            )
        self._examples, self._total = 0, Tensor(np.zeros(()))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: Any, _trace: TracebackType | None
    ) -> None:
        for parameter in self._parameters:
            if kind is not None:
                parameter.grad = None
            elif parameter.grad is not None:
                change_grad(parameter, "accumulate", np.divide, self._examples)
