"""What all optimisers share: parameter groups, their checks, and the loop over parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from autograd import Tensor
from optim.flat import Array, FlatParameters

Params = Iterable[Tensor] | Iterable[Mapping[str, Any]]


class Optimizer:
    """Base of all optimisers: an optimiser is its memory and its update formula.

    A subclass says:
        memory: names of the arrays it keeps for each parameter, of its shape, zero at first.
        advance: the numbers of one step (learning rate, powers of β), from the group's
            hyper-parameters and from t, how many steps a parameter has made, counted from 1.
        update: the formula, on arrays alone and in place.

    Parameters of one dtype in a group live side by side in one flat buffer, their gradients in
    another, so that an update is a few array operations, whatever the number of parameters. A
    parameter without a gradient, or with requires_grad=False, is left out together with its memory
    and its count of steps.

    Args:
        params: Tensors that require gradients, or dicts, each a group: "params" and any of the
            hyper-parameters that differ.
        defaults: the hyper-parameters of groups that do not say otherwise.

    Attributes:
        param_groups: the groups as dicts; hyper-parameters may be changed between steps.

    Raises:
        TypeError: a parameter is not a Tensor.
        ValueError: there are no parameters, one of them is a result or listed twice, or a
            hyper-parameter is unknown, negative or not a number.
    """

    memory: ClassVar[tuple[str, ...]] = ()
    below_one: ClassVar[tuple[str, ...]] = ()  # hyper-parameters that are decay rates in [0, 1)

    def __init__(self, params: Params, **defaults: Any) -> None:
        name = type(self).__name__
        if isinstance(params, Tensor):
            raise TypeError(f"{name} takes a list of parameters: write {name}([tensor], …).")
        if hasattr(params, "parameters"):
            raise TypeError(f"{name} takes parameters: write {name}(model.parameters(), …).")
        if callable(params):
            raise TypeError(f"{name} takes parameters, not a function: call it, parameters().")
        given = list(params)
        if not given:
            raise ValueError(
                f"{name}: there are no parameters. A generator such as model.parameters() is used "
                "up after one pass; call it again. A model keeps its layers as attributes."
            )
        self.defaults = defaults
        self.param_groups: list[dict[str, Any]] = []
        self._flats: list[tuple[dict[str, Any], FlatParameters]] = []
        if isinstance(given[0], Mapping):
            for group in given:
                self.add_param_group(group)  # type: ignore[arg-type]
        else:
            self.add_param_group({"params": given})

    def advance(self, group: Mapping[str, Any], t: int) -> dict[str, float]:
        """The numbers of a parameter's step number `t` (from 1)."""
        raise NotImplementedError

    def update(
        self, w: Array, g: Array, m: Any, c: Any, spare: Array, group: Mapping[str, Any]
    ) -> None:
        """The formula.

        Args:
            w: weights, changed in place.
            g: their gradient, with weight decay added; not to be written.
            m: the memory, m.<name>, changed in place.
            c: the numbers of `advance`, c.<name>, as arrays without axes.
            spare: an array of the same shape for anything.
            group: the hyper-parameters, for options.
        """
        raise NotImplementedError

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Add parameters with hyper-parameters of their own; raises as the class does."""
        complete = {**self.defaults, **group}
        params = complete.get("params", ())
        # A tuple: a parameter appended later would get no memory here, and never be updated.
        complete["params"] = (params,) if isinstance(params, Tensor) else tuple(params)
        self._check(complete)
        self.param_groups.append(complete)
        by_dtype: dict[Any, list[Tensor]] = {}
        for parameter in complete["params"]:
            by_dtype.setdefault(parameter.dtype, []).append(parameter)
        for parameters in by_dtype.values():
            self._flats.append((complete, FlatParameters(parameters, self.memory)))

    def zero_grad(self) -> None:
        """Forget the gradients: `.grad` of every parameter is None afterwards."""
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter._grad = None

    def step(self) -> None:
        """Update every parameter that has a gradient."""
        for group, flat in self._flats:
            for run in flat.runs():
                numbers = self.advance(group, run.t)
                decay = group.get("weight_decay", 0)
                if decay:
                    numbers["weight_decay"] = decay
                c = flat.write_numbers(numbers)
                for w, g, m, spare, decayed in run.pieces:
                    if decay:
                        np.multiply(w, c.weight_decay, out=decayed)
                        decayed += g
                        g = decayed
                    self.update(w, g, m, c, spare, group)
                run.written.stamp(f"{type(self).__name__}.step()")

    def _check(self, group: dict[str, Any]) -> None:
        name = type(self).__name__
        unknown = group.keys() - {"params", *self.defaults}
        if unknown:
            raise ValueError(
                f"{name}: a group has the unknown hyper-parameter {', '.join(sorted(unknown))}; "
                f"there are {', '.join(self.defaults)}."
            )
        for key in self.defaults:
            value = group[key]
            for number in value if isinstance(value, tuple | list) else (value,):
                self._check_number(key, number)
        if not group["params"]:
            raise ValueError(f"{name}: a group has no parameters.")
        seen = {id(p) for other in self.param_groups for p in other["params"]}
        for i, parameter in enumerate(group["params"]):
            if not isinstance(parameter, Tensor):
                raise TypeError(
                    f"{name}: parameter {i} is a {type(parameter).__name__}, not a Tensor. For "
                    "pairs of name and parameter use model.parameters()."
                )
            label = f"parameter {i}" + (f", {parameter.name!r}," if parameter.name else "")
            if not parameter.is_leaf:
                raise ValueError(
                    f"{name}: {label} is a result of {type(parameter.grad_fn).__name__}; only "
                    "leaves are learned. Pass the Tensor it was computed from."
                )
            if parameter.dtype.kind != "f":
                raise ValueError(f"{name}: {label} is {parameter.dtype}; weights are floating.")
            if not parameter.data.flags.writeable:
                raise ValueError(
                    f"{name}: {label} is read-only, because others rely on its memory; learn a "
                    "copy: t.clone()."
                )
            if id(parameter) in seen:
                raise ValueError(
                    f"{name}: {label} is listed twice; it would be updated twice in each step."
                )
            seen.add(id(parameter))

    def _check_number(self, key: str, number: Any) -> None:
        name = type(self).__name__
        if not isinstance(number, int | float | np.number):
            raise ValueError(f"{name}: {key} must be a number, not {number!r}.")
        if not math.isfinite(number) or number < 0:
            raise ValueError(f"{name}: {key} must be at least 0 and finite; it is {number}.")
        if key in self.below_one and number >= 1:
            raise ValueError(f"{name}: {key} must be below 1; it is {number}.")

    def __repr__(self) -> str:
        groups = "; ".join(
            f"{len(group['params'])} parameters, "
            + ", ".join(f"{k}={v}" for k, v in group.items() if k != "params")
            for group in self.param_groups
        )
        return f"{type(self).__name__}({groups})"
