"""Modules that compute nothing of their own: functions as modules, other shapes, ways around."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from operator import index
from typing import Any

from autograd import Tensor
from autograd.diagnosis import describe
from nn.module import Module


class Lambda(Module):
    """A function as a module: Lambda(fn)(x) is fn(x).

    Sequential makes one of each function among its layers.

    Raises:
        TypeError: `fn` cannot be called.
    """

    def __init__(self, fn: Callable[..., Any]) -> None:
        if not callable(fn):
            raise TypeError(
                f"Lambda takes a function, not {type(fn).__name__}. Give the function itself: "
                "Lambda(f), or Lambda(lambda x: …), without calling it."
            )
        self.fn = fn

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.fn(*args, **kwargs)

    def extra_repr(self) -> str:
        return "" if isinstance(self.fn, Module) else getattr(self.fn, "__name__", repr(self.fn))


class Identity(Module):
    """The input as it is: what to put in a layer's place to take it out.

    As in PyTorch it takes any arguments, so that only the name need be changed.
    """

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        pass

    def forward(self, x: Any) -> Any:
        return x


class Residual(Module):
    """x + layer(x): what the layer computes is added to what it was given.

    Args:
        layer: a module or function that keeps the shape.
        shortcut: what x goes through on the other way, where the layer changes the shape.

    Raises:
        TypeError: one of them is not a layer.
        ValueError: called, if the two ways end in different shapes.

    Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016.
    """

    def __init__(self, layer: Any, shortcut: Any = None) -> None:
        self.layer = as_module(layer, "Residual", "layer")
        self.shortcut = None if shortcut is None else as_module(shortcut, "Residual", "shortcut")

    def forward(self, x: Any) -> Tensor:
        around = x if self.shortcut is None else self.shortcut(x)
        through = self.layer(x)
        if around.shape != through.shape:
            raise _no_sum(self, x, around, through)
        result: Tensor = around + through
        return result


class Flatten(Module):
    """The axes from `start_axis` to `end_axis` as one; by default all but the batch axis.

    Shapes: x (n, a, b, …) gives (n, a·b·…).

    Raises:
        TypeError: an axis is not a whole number.
        ValueError: called, if x does not have the axes, or has them in the other order.
    """

    def __init__(self, start_axis: int = 1, end_axis: int = -1) -> None:
        self.start_axis, self.end_axis = index(start_axis), index(end_axis)

    def forward(self, x: Any) -> Tensor:
        x = x if isinstance(x, Tensor) else Tensor(x)
        n = x.ndim
        if not (-n <= self.start_axis < n and -n <= self.end_axis < n):
            raise ValueError(
                f"{self}: x {describe(x)} has no such axes, only 0 to {n - 1}. Inputs come in a "
                "batch, one example in each row: for one alone write x[None]."
            )
        start, end = self.start_axis % n, self.end_axis % n
        if start > end:
            raise ValueError(
                f"{self}: in x {describe(x)} axis {start} comes after axis {end}; the first axis "
                "is the one further left."
            )
        flat = prod(x.shape[start : end + 1])
        result: Tensor = x.reshape((*x.shape[:start], flat, *x.shape[end + 1 :]))
        return result

    def extra_repr(self) -> str:
        return f"start_axis={self.start_axis}, end_axis={self.end_axis}"


class Unflatten(Module):
    """One axis as several: the opposite of Flatten.

    Args:
        axis: which.
        unflattened_size: of the axes in its place; one of them may be -1, for what is left.

    Raises:
        ValueError: called, if the axis is not there, or its length is not the product of the sizes.
    """

    def __init__(self, axis: int, unflattened_size: tuple[int, ...]) -> None:
        self.axis = index(axis)
        self.unflattened_size = tuple(map(index, unflattened_size))

    def forward(self, x: Any) -> Tensor:
        x = x if isinstance(x, Tensor) else Tensor(x)
        if not -x.ndim <= self.axis < x.ndim:
            raise ValueError(f"{self}: x {describe(x)} has no axis {self.axis}.")
        axis = self.axis % x.ndim
        length, known = x.shape[axis], prod(size for size in self.unflattened_size if size != -1)
        fits = known and length % known == 0 if -1 in self.unflattened_size else length == known
        if not fits or self.unflattened_size.count(-1) > 1:
            raise ValueError(
                f"{self}: axis {axis} of x {describe(x)} has length {length}, which is not the "
                f"product of the sizes {self.unflattened_size}."
            )
        result: Tensor = x.reshape((*x.shape[:axis], *self.unflattened_size, *x.shape[axis + 1 :]))
        return result

    def extra_repr(self) -> str:
        return f"axis={self.axis}, unflattened_size={self.unflattened_size}"


def as_module(layer: Any, who: str, which: str) -> Module:
    """The layer, or a Lambda of it if it is a function. Raises TypeError if it is neither."""
    if isinstance(layer, Module):
        return layer
    if isinstance(layer, type):
        raise TypeError(
            f"{who}: {which} is the class {layer.__name__}, not a layer made from it. Write "
            f"{layer.__name__}(…), with its arguments."
        )
    if not callable(layer):
        fix = "A layer is a Module, or a function of one Tensor."
        if isinstance(layer, list | tuple | Iterator):
            fix = f"Pass the layers themselves: {who}(*layers)."
            if who != "Sequential":
                fix = "For several, one after the other: Sequential(*layers)."
        raise TypeError(f"{who}: {which} is of type {type(layer).__name__}. {fix}")
    return Lambda(layer)


def _no_sum(residual: Residual, x: Any, around: Any, through: Any) -> ValueError:
    way = "x" if residual.shortcut is None else "shortcut(x)"
    lines = [
        f"Residual: layer(x) has another shape than {way}, so the two cannot be added.",
        f"  {way:<11} {around.shape}",
        f"  {'layer(x)':<11} {through.shape}",
        "  fix  let the layer keep the shape",
    ]
    if x.shape[:-1] == through.shape[:-1]:
        lines[-1] += (
            ", or give x a way to the other: "
            f"Residual(layer, shortcut=Linear({x.shape[-1]}, {through.shape[-1]}))"
        )
    return ValueError("\n".join(lines))
