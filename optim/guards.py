"""What is looked at before weights change: the parameters, their gradients, the first steps."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import Tensor
from autograd.leaves import ADDED
from autograd.places import warn
from autograd.versions import last_write, latest_write

if TYPE_CHECKING:
    from optim.optimizer import Optimizer

WATCHED_STEPS = 3  # a mistake in the loop shows itself at once


def label(i: int, parameter: Tensor) -> str:
    """What messages call a parameter."""
    return f"parameter {i}" + (f", {parameter.name!r}" if parameter.name else "")


def listed(name: str, params: Any) -> list[Any]:
    """The parameters or groups that an optimiser is made for; there must be some."""
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
    return given


def check_names(optimizer: Optimizer, group: Mapping[str, Any]) -> None:
    """A group says nothing but what the optimiser understands."""
    unknown = group.keys() - {"params", *optimizer.defaults}
    if unknown:
        raise ValueError(
            f"{type(optimizer).__name__}: a group has the unknown hyper-parameter "
            f"{', '.join(sorted(unknown))}; there are {', '.join(optimizer.defaults)}."
        )


def check_parameters(optimizer: Optimizer, parameters: Iterable[Any]) -> None:
    """They are leaves that can be written, of floating dtype, and each is there once."""
    name = type(optimizer).__name__
    if not parameters:
        raise ValueError(f"{name}: a group has no parameters.")
    seen = {id(p) for p in optimizer._parameters()}
    for i, parameter in enumerate(parameters):
        if not isinstance(parameter, Tensor):
            raise TypeError(
                f"{name}: parameter {i} is a {type(parameter).__name__}, not a Tensor. For "
                "pairs of name and parameter use model.parameters()."
            )
        it = label(i, parameter) + ("," if parameter.name else "")
        if not parameter.is_leaf:
            raise ValueError(
                f"{name}: {it} is a result of {type(parameter.grad_fn).__name__}; only "
                "leaves are learned. Pass the Tensor it was computed from."
            )
        if parameter.dtype.kind != "f":
            raise ValueError(f"{name}: {it} is {parameter.dtype}; weights are floating.")
        if not parameter.data.flags.writeable:
            raise ValueError(
                f"{name}: {it} is read-only, because others rely on its memory; learn a "
                "copy: t.clone()."
            )
        if id(parameter) in seen:
            raise ValueError(
                f"{name}: {it} is listed twice; it would be updated twice in each step."
            )
        seen.add(id(parameter))


def check_finite(optimizer: Optimizer) -> None:
    """Raise FloatingPointError for a gradient with NaN or infinities, in groups that ask for it."""
    checked = [g["check_finite"] for g in optimizer.param_groups for _ in g["params"]]
    for i, parameter in enumerate(optimizer._parameters()):
        g = None if parameter._grad is None else parameter._grad._data
        if not checked[i] or g is None or not parameter._requires_grad or np.isfinite(g).all():
            continue
        nans, total = int(np.isnan(g).sum()), int((~np.isfinite(g)).sum())
        raise FloatingPointError(
            f"{type(optimizer).__name__}.step: the gradient of {label(i, parameter)}, of shape "
            f"{g.shape}, has {nans} NaN and {total - nans} infinite entries; no parameter was "
            "changed.\n"
            "  likely  the learning rate is too large, or the loss divides by 0 or takes the log "
            "of 0\n"
            "  find    the operation: run forward and backward within "
            "autograd.detect_anomaly()\n"
            "  fix     clip the gradients, lower the learning rate, or leave out this batch"
        )


class FirstSteps:
    """Watches an optimiser's first steps for mistakes in the loop that raise no error.

    No gradient anywhere; a parameter without one while others have theirs; gradients that a step
    has used and to which another backward then added, because zero_grad() is missing. (Several
    backward passes before a step are how gradients are accumulated on purpose: of that, nothing is
    said.) Each is pointed out once.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.begin()

    def begin(self) -> None:
        """Watch from here: the optimiser has new parameters."""
        self.steps = 0
        self.watching = True  # whether there is still something to see
        self._said: set[str] = set()
        self._used: weakref.ref[Tensor] | None = None  # a gradient that the last step used
        self._clock = 0  # when

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_used": None}  # a copy has gradients of its own

    def look(self, optimizer: Optimizer) -> None:
        """Look at the gradients that a step is about to use."""
        parameters = list(optimizer._parameters())
        first = next((p._grad for p in parameters if p._grad is not None), None)
        if first is None:
            self._say(
                "no parameter has a gradient, so nothing is learned. Call loss.backward() before "
                "step(), and zero_grad() before backward, not after it."
            )
            return
        if self._used is not None and first is self._used():
            write = last_write(first._data)
            if write.number > self._clock and write.by == ADDED:
                self._say(
                    "backward has added to gradients that the step before has used already. Call "
                    "zero_grad() in each step, before backward."
                )
        self._used, self._clock = weakref.ref(first), latest_write()
        self.steps += 1
        self.watching = self.steps < WATCHED_STEPS
        if self.steps == 2:
            updated = {
                p
                for _, flat in optimizer._flats
                for p, counts in zip(flat.parameters, flat.counts, strict=True)
                if counts["step"]
            }
            idle = [
                label(i, p)
                for i, p in enumerate(parameters)
                if p._requires_grad and p._grad is None and p not in updated
            ]
            if idle:
                self._say(
                    f"no gradient has reached {'; '.join(idle)}. Either the loss does not depend "
                    "on it, or its path to the loss is cut (detach, .data, .numpy, no_grad); to "
                    "leave it as it is on purpose, set requires_grad=False."
                )

    def _say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            warn(f"{self.name}.step: {text}")
