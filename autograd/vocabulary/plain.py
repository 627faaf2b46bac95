"""NumPy functions that ask about a Tensor, or make an array like it; and those that are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from autograd.protocols import implements
from autograd.vocabulary.arguments import values_of

__all__: list[str] = []  # these are NumPy's names alone: what they answer is no Tensor

ON_VALUES: tuple[Callable[..., Any], ...] = (
    *(np.full_like, np.empty_like, np.array_equiv),
    *(np.result_type, np.shares_memory, np.may_share_memory),
    *(np.tril_indices_from, np.triu_indices_from, np.diag_indices_from),
)

IN_PLACE: dict[Callable[..., Any], str] = {  # what to write instead
    np.copyto: "t.copy_(values)",
    np.fill_diagonal: "autograd.where(np.eye(n, dtype=bool), value, t)",
    np.place: "autograd.where(mask, values, t)",
    np.put: "autograd.where(mask, values, t)",
    np.put_along_axis: "autograd.where(mask, values, t)",
    np.putmask: "autograd.where(mask, values, t)",
}


def _answers_with_values(function: Callable[..., Any]) -> None:
    @implements(function)
    def on_values(*args: Any, **settings: Any) -> Any:
        given = {name: values_of(one) for name, one in settings.items()}
        return function(*map(values_of, args), **given)


def _is_refused(function: Callable[..., Any], instead: str) -> None:
    @implements(function)
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise TypeError(
            f"np.{function.__name__} writes into an array, and a Tensor's history would not know. "
            f"Compute a new one: {instead}; entries of a Tensor without history are set by t[key] "
            "= values."
        )


for _function in ON_VALUES:
    _answers_with_values(_function)
for _function, _instead in IN_PLACE.items():
    _is_refused(_function, _instead)
