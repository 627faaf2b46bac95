"""Activation functions whose results depend on all entries along an axis."""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from nn.activations.base import Activation
from nn.functional import activations as functional


class AlongAxis(Activation):
    """What these layers are made with: `axis`, the last one if it is not given."""

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis


class Softmax(AlongAxis):
    """eˣ over its sum along `axis`: positive numbers that add up to 1.

    For training, leave it out: CrossEntropyLoss takes what comes before it.
    """

    def forward(self, x: Any) -> Tensor:
        return functional.softmax(x, self.axis)


class LogSoftmax(AlongAxis):
    """The logarithm of softmax along `axis`, exact also where softmax is almost 0."""

    def forward(self, x: Any) -> Tensor:
        return functional.log_softmax(x, self.axis)


class Softmin(AlongAxis):
    """Softmax of −x along `axis`: the smallest number gets the largest share."""

    def forward(self, x: Any) -> Tensor:
        return functional.softmin(x, self.axis)


class GLU(AlongAxis):
    """a · σ(b), where a and b are the first and second half of x along `axis`.

    Shapes: (…, 2n) gives (…, n) along the last axis.
    """

    def forward(self, x: Any) -> Tensor:
        return functional.glu(x, self.axis)
