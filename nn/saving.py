"""A module's state as a dict of arrays, out and in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd import Tensor
from nn.contents import Contents, some_of
from nn.parameter import Buffer

Array = np.ndarray[Any, Any]


class Unmatched(NamedTuple):
    """The names that `load_state_dict(…, strict=False)` passed over."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Saving(Contents):
    """The part of Module that gives and takes its state."""

    def state_dict(self) -> dict[str, Array]:
        """The values of all parameters and persistent buffers by dotted path, as copies.

        In PyTorch's order: of each module its parameters, its buffers, then what its modules hold.
        A parameter that several modules share is there once, under its first path.
        """
        return {name: np.array(tensor.data) for name, tensor in self._state().items()}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> Unmatched:
        """Copy the values of `state`, as `state_dict` gives them, into parameters and buffers.

        Args:
            state: by dotted path arrays, Tensors, or anything that NumPy reads as an array (among
                them PyTorch's tensors), each of its parameter's shape. A shared parameter may be
                there under each of its paths, as PyTorch saves it.
            strict: with False, names that only one side has are passed over.

        Returns:
            The names passed over: none, if strict.

        Raises:
            ValueError: names are missing or unexpected (if strict), or values do not fit their
                places (always). The message lists them, and nothing is changed.
            TypeError: the state is not a mapping.
        """
        if not isinstance(state, Mapping):
            raise TypeError(
                "load_state_dict takes a dict of arrays by name, as state_dict() gives; "
                f"this is {type(state).__name__}."
            )
        own = self._state()
        names = {id(tensor): name for name, tensor in own.items()}
        values: dict[str, Any] = {}  # what was given, under our names
        unexpected, unfit = [], []
        for given, value in state.items():
            name = given if given in own else names.get(id(self._find(str(given))))
            if name is None:
                unexpected.append(given)
                continue
            found: Any = _as_array(value)
            trouble = _trouble(found, own[name])
            twin = values.get(name, found)
            if trouble is None and not np.array_equal(twin, found, equal_nan=True):
                trouble = f"one with {name} here, but with other values in the state"
            if trouble is not None:
                unfit.append(f"{given}: {trouble}")
            values[name] = found
        missing = [name for name in own if name not in values]
        if unfit or (strict and (missing or unexpected)):
            raise self._unfit(state, missing, unexpected, unfit, strict)
        for name, value in values.items():
            own[name].copy_(value)
        return Unmatched(missing, unexpected)

    def _state(self) -> dict[str, Tensor]:
        """What is saved: parameters and persistent buffers, by dotted path."""
        return {
            path: tensor
            for path, tensor in self._all_of(Tensor)
            if not isinstance(tensor, Buffer) or tensor.persistent
        }

    def _unfit(
        self,
        state: Mapping[str, Any],
        missing: list[str],
        unexpected: list[str],
        unfit: list[str],
        strict: bool,
    ) -> ValueError:
        kind = type(self).__name__
        lines = [f"{kind}.load_state_dict: the state does not fit; nothing was changed."]
        if strict and missing:
            lines.append(f"  missing     {some_of(missing)}")
        if strict and unexpected:
            lines.append(f"  unexpected  {some_of([str(name) for name in unexpected])}")
        lines += [f"  {text}" for text in unfit[:MOST_LINES]]
        if len(unfit) > MOST_LINES:
            lines.append(f"  … and {len(unfit) - MOST_LINES} more that do not fit")
        lines.append(f"  fix  {_fix(state, missing, unexpected, bool(unfit))}")
        return ValueError("\n".join(lines))


MOST_LINES = 8  # about values that do not fit


def _as_array(value: Any) -> Array | Exception:
    """The value as NumPy reads it, or why it does not."""
    try:
        return np.asarray(value)
    except Exception as error:  # another library's tensor may raise anything
        return error


def _trouble(value: Array | Exception, tensor: Tensor) -> str | None:
    """Why a value cannot be copied into a tensor; None if it can."""
    if isinstance(value, Exception):
        return f"NumPy cannot read it as an array ({value})"
    fits = value.shape == tensor.shape and np.can_cast(value.dtype, tensor.dtype, "same_kind")
    here = f"{tensor.shape} {tensor.dtype} here"
    return None if fits else f"{value.shape} {value.dtype} in the state, {here}"


def _fix(state: Mapping[str, Any], missing: list[str], unexpected: list[str], unfit: bool) -> str:
    """What to write instead, from what is in the state."""
    inner = [name for name in unexpected if isinstance(state[name], Mapping)]
    if inner:
        nearest = max(inner, key=lambda name: len(state[name].keys() & missing))
        return f"the state is within what was given: load_state_dict(…[{nearest!r}])"
    if missing and not unfit:
        for name in unexpected:
            prefix = str(name).removesuffix(missing[0])
            if prefix != name and all(f"{prefix}{one}" in state for one in missing):
                n = len(prefix)
                return (
                    f"the names start with {prefix!r}, as those of a module around this one: "
                    f"load_state_dict({{name[{n}:]: value for name, value in state.items()}})"
                )
    fix = "build the module with the layers and sizes that were saved"
    return fix if unfit else f"{fix}, or pass strict=False to load the names that both have"
