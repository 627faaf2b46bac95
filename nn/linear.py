"""The linear layer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd import Tensor, get_default_dtype
from autograd.places import warn
from nn.checks import whole_number, wider_data
from nn.functional.linear import weighted_sums
from nn.init.choosing import Init, start
from nn.module import Module
from nn.parameter import Parameter


class Linear(Module):
    """x Wᵀ + b for rows x: every output is a weighted sum of all inputs, plus a bias.

    Args:
        in_features: the length of an input row.
        out_features: the length of an output row.
        bias: whether b is there.
        dtype: of weight and bias; the default dtype (float32) if None.
        generator: where the initial values are drawn from; the project's own if None.
        init: how the weight starts: the name of a function in `nn.init` ("kaiming_normal"), or a
            function that fills it; see `nn.init.initialize`. The bias then starts at zero.

    Attributes:
        weight: W, of shape (out_features, in_features).
        bias: b, of shape (out_features,), or None.

    Shapes: x (..., in_features); the result is (..., out_features).

    Without `init`, weight and bias start uniform between ±1/√in_features, as in PyTorch.

    Raises:
        TypeError, ValueError: a size is not a positive whole number, bias is not True or False, or
            init is unknown; called with rows of another length.
    """

    _dtype_was_said = False

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        dtype: DTypeLike | None = None,
        generator: np.random.Generator | None = None,
        init: Init | None = None,
    ) -> None:
        self.in_features = whole_number(in_features, "Linear", "in_features")
        self.out_features = whole_number(out_features, "Linear", "out_features")
        if not isinstance(bias, bool | np.bool):
            raise TypeError(
                f"Linear: bias is True or False, not {bias!r}. An activation is a layer of its "
                "own: Sequential(Linear(…), ReLU())."
            )
        dtype = get_default_dtype() if dtype is None else np.dtype(dtype)
        self.weight = Parameter(np.empty((self.out_features, self.in_features), dtype))
        self.bias = Parameter(np.empty(self.out_features, dtype)) if bias else None
        start(self.weight, self.bias, init, type(self).__name__, generator)

    def forward(self, x: Any) -> Tensor:
        weight = self.weight  # once: weight_norm works it out
        out = weighted_sums(x, weight, self.bias)
        wider = out.dtype != weight.dtype
        # What an earlier layer computed from such data has been spoken of there.
        if wider and not self._dtype_was_said and getattr(x, "grad_fn", None) is None:
            self._dtype_was_said = True
            warn(wider_data(f"Linear({self.in_features}, {self.out_features})", x, weight, out))
        return out

    def extra_repr(self) -> str:
        return (
            f"in_features={self.in_features}, out_features={self.out_features}, "
            f"bias={self.bias is not None}"
        )
