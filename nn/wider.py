"""Layers that say, once, that data of a wider dtype makes them compute in it."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from autograd.places import warn
from nn.checks import wider_data
from nn.module import Module


class SaysWhenWider(Module):
    """A layer with a weight that warns when its data has a wider dtype."""

    _dtype_was_said = False

    def _said(self, x: Any, weight: Any, out: Tensor) -> Tensor:
        """`out`, which was made of x and the weight; warns, the first time that it is wider."""
        wider = weight is not None and out.dtype != weight.dtype
        # What an earlier layer computed from such data has been spoken of there.
        if wider and not self._dtype_was_said and getattr(x, "grad_fn", None) is None:
            self._dtype_was_said = True
            warn(wider_data(f"{type(self).__name__}({self.extra_repr()})", x, weight, out))
        return out
