"""A row of the tables of modules that are compared with PyTorch's, and the numbers it is given.

A row names a class of torch.nn (or a function of torch.nn.functional), its settings, and what it is
called with. Its module is built in PyTorch by fixtures/make_nn.py, which writes the results down,
and here by nn/test_against_pytorch.py, which compares. Both take their numbers from this file.

All numbers are exact in float32, so that results in float64 are the truth for both precisions.
They come straight from a bit generator, whose stream NumPy never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

Array = Any
MAKE = "python tests/fixtures/make_nn.py"

# Numbers


def uniform(seed: Iterable[int], shape: tuple[int, ...]) -> Array:
    """Multiples of 2⁻²⁴ in [0, 1)."""
    raw = np.random.PCG64(list(seed)).random_raw(int(np.prod(shape)))
    return (raw >> np.uint64(40)).reshape(shape) * 2.0**-24


def seed_of(name: str) -> list[int]:
    return list(name.encode())


def spread(u: Array) -> Array:
    return np.float32(6 * u - 3)


@dataclass(frozen=True)
class Input:
    """What an input is made of: `make` gets numbers of its shape in [0, 1)."""

    kind: str
    shape: tuple[int, ...]
    make: Callable[[Array], Array] = field(repr=False)
    wants: bool = True  # its gradient is compared, if it is floating

    def __str__(self) -> str:
        return f"{self.kind}{self.shape}" if self.wants else f"fixed {self.kind}{self.shape}"

    def draw(self, seed: Iterable[int], dtype: Any) -> Array:
        drawn = np.asarray(self.make(uniform(seed, self.shape)))
        return drawn.astype(dtype) if drawn.dtype.kind == "f" else drawn


def numbers(*shape: int) -> Input:
    """Between −3 and 3."""
    return Input("numbers", shape, spread)


def positive(*shape: int) -> Input:
    """Between 0.25 and 2.25."""
    return Input("positive", shape, lambda u: np.float32(2 * u + 0.25))


def probabilities(*shape: int) -> Input:
    """Each by itself between 0.02 and 0.98."""
    return Input("probabilities", shape, lambda u: np.float32(0.96 * u + 0.02))


def rows(*shape: int) -> Input:
    """Rows of positive numbers with the sum 1."""
    return Input("rows", shape, lambda u: np.float32((u + 0.1) / (u + 0.1).sum(-1, keepdims=True)))


def signs(*shape: int) -> Input:
    """−1.0 or 1.0."""
    return Input("signs", shape, lambda u: np.where(u < 0.5, np.float32(-1), np.float32(1)))


def truths(*shape: int) -> Input:
    """0.0 or 1.0."""
    return Input("truths", shape, lambda u: np.float32(u < 0.5))


def labels(classes: int, *shape: int) -> Input:
    """Whole numbers 0 … classes − 1."""
    return Input(f"labels 0…{classes - 1} ", shape, lambda u: (u * classes).astype(np.int64))


def exactly(values: Any) -> Input:
    """These numbers: whole ones as whole numbers, others rounded to float32."""
    given = np.asarray(values)
    given = np.float32(given) if given.dtype.kind == "f" else given
    return Input(f"exactly {given.tolist()} ", given.shape, lambda u: given)


def fixed(one: Input) -> Input:
    """An input whose gradient is not asked for, such as a target."""
    return replace(one, wants=False)


# Rows


@dataclass(frozen=True)
class Case:
    """A row; `case` makes one, and the methods vary it."""

    module: str | Callable[[Any], Any]
    inputs: tuple[Input, ...]
    settings: dict[str, Any]
    training: bool = True
    calls: int = 1

    def in_evaluation(self) -> Case:
        """The same in evaluation mode."""
        return replace(self, training=False)

    def called(self, times: int) -> Case:
        """The same, but called several times with new inputs; the last result is compared."""
        return replace(self, calls=times)

    @property
    def key(self) -> str:
        """What the row says, in one line: by this its results are found."""
        name = self.module if isinstance(self.module, str) else self.module.__name__
        given = ", ".join(
            f"{k}={v if isinstance(v, Input) else repr(v)}" for k, v in self.settings.items()
        )
        taken = ", ".join(map(str, self.inputs))
        mode = "" if self.training else " in evaluation"
        return f"{name}({given}) of {taken}{mode}" + (
            f", {self.calls} times" if self.calls > 1 else ""
        )

    def draw(self, dtype: Any, call: int = 0) -> list[Array]:
        """The inputs of one call."""
        return [one.draw((i, call), dtype) for i, one in enumerate(self.inputs)]

    def build(self, nn: Any, settings: dict[str, Any]) -> Any:
        """The module, or the function that is called like one, of torch.nn or this project's."""
        if not isinstance(self.module, str):
            return self.module(nn)
        if self.module[0].islower():
            function = getattr(nn.functional, self.module)
            return lambda *inputs: function(*inputs, **settings)
        return getattr(nn, self.module)(**settings)

    def settings_for(self, tensor: Callable[[Array], Any], dtype: Any) -> dict[str, Any]:
        """The settings; those that are described as inputs become tensors."""
        return {
            name: tensor(one.draw(seed_of(name), dtype)) if isinstance(one, Input) else one
            for name, one in self.settings.items()
        }

    def state(self, name: str, shape: tuple[int, ...]) -> Array:
        """The numbers for a floating parameter or buffer, by its name in the state dict."""
        u = uniform(seed_of(name), shape)
        return np.float32(u + 0.5) if name.endswith("_var") else spread(u) / 4

    def fills(self, name: str) -> bool:
        """Whether the state of this name is filled: not what the settings say."""
        return name not in self.settings


def case(module: str | Callable[[Any], Any], *inputs: Input, **settings: Any) -> Case:
    """A row.

    Args:
        module: the name of a class in torch.nn, or, in small letters, of a function in
            torch.nn.functional; or a function that makes a module from either `nn`.
        inputs: what it is called with.
        settings: what it is made with. An `Input` becomes a tensor. PyTorch's `dim` is `axis` here.
    """
    return Case(module, inputs, settings)


def upstream(shape: tuple[int, ...], dtype: Any) -> Array:
    """The gradient that is sent back into a result of this shape."""
    return spread(uniform(seed_of("upstream"), shape)).astype(dtype)
