"""What losses have in common."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd import Tensor
from nn.functional.operands import no_text
from nn.functional.reductions import reduction_named
from nn.module import Module
from nn.parameter import Buffer


class Loss(Module):
    """A loss with its settings: made once, and then called with prediction and target.

    Args:
        reduction: "mean" over all losses, their "sum", or "none".
        wrong: what was given beyond the settings: prediction and target, most likely.
        settings: what can be no array, and is prediction or target if it is one.
        more: reductions beyond the usual ones.
    """

    def __init__(
        self,
        reduction: str,
        wrong: tuple[Any, ...],
        *settings: Any,
        **more: Callable[[Tensor], Tensor],
    ) -> None:
        arrays = [one for one in settings if isinstance(one, Tensor | np.ndarray)]
        if wrong or arrays or not isinstance(reduction, str):
            name = type(self).__name__
            raise TypeError(
                f"{name} is made once and then called: loss = nn.{name}(); "
                "loss(prediction, target)."
            )
        reduction_named(reduction, type(self).__name__, **more)
        self.reduction = reduction

    def buffer(self, weight: Any) -> Buffer | None:
        """Weights as part of the loss's state, as in PyTorch; None if there are none."""
        return None if weight is None else Buffer(no_text(type(self).__name__, weight))

    def extra_repr(self) -> str:
        shown = []
        for name, one in inspect.signature(type(self)).parameters.items():
            value = getattr(self, name, one.default)
            if isinstance(value, Tensor):
                shown.append(f"{name}: {value.shape}")
            elif value != one.default:
                shown.append(f"{name}={value!r}")
        return ", ".join(shown)
