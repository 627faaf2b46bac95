"""PyTorch's arguments that have another name here, or no meaning: `dim` (axis), `inplace`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from autograd.places import warn

T = TypeVar("T")


def pytorch_names(names: Iterable[str]) -> dict[str, str]:
    """By PyTorch's name, the arguments among these that have another name there."""
    return {name.replace("axis", "dim"): name for name in names if "axis" in name}


def takes_dim(function: Callable[..., T]) -> Callable[..., T]:
    """The function, which also takes PyTorch's `dim` for its `axis`."""
    others = pytorch_names(inspect.signature(function).parameters)

    @functools.wraps(function)
    def spelled(*args: Any, **kwargs: Any) -> T:
        return function(*args, **renamed(kwargs, others))

    return spelled


def renamed(given: dict[str, Any], others: dict[str, str]) -> dict[str, Any]:
    """The arguments given by name, by the names they have here.

    Raises TypeError if one is given by both of its names.
    """
    for theirs, ours in others.items():
        if theirs in given:
            if ours in given:
                raise TypeError(f"{ours} and {theirs} are two names of one argument; give one.")
            given = {**given, ours: given[theirs]}
            del given[theirs]
    return given


def without_inplace(who: str, inplace: bool) -> None:
    """Warn of inplace=True, which is taken because programs for PyTorch say it."""
    if inplace:
        warn(
            f"{who}: inplace=True changes nothing. What comes in stays as it is, because backward "
            "may need it; use what the layer returns."
        )
