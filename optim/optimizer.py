"""What all optimisers share: parameter groups and the loop over parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar

import numpy as np

from autograd import Tensor, enable_grad
from autograd.steps import recording_step
from autograd.threads import share
from optim import guards, saving
from optim.flat import Array, Counts, FlatParameters, Piece
from optim.guards import FirstSteps
from optim.hyperparameters import Check, at_least_zero, flag
from optim.recorded import RecordedStep, refuse_to_read

Params = Iterable[Tensor] | Iterable[Mapping[str, Any]]
Group = Mapping[str, Any]
Closure = Callable[[], Any]
Numbers = Mapping[str, float]
Spare = tuple[Array, Array]
Shape = tuple[int | None, ...]  # None is any length


class Optimizer:
    """Base of all optimisers: an optimiser is its memory and its update formula.

    A subclass says:
        memory: what it remembers of each parameter, arrays of its shape, with their first values.
        advance: the numbers of one step (learning rate, powers of β), from the group's
            hyper-parameters and from how many steps a parameter has made.
        update: the formula, on arrays alone and in place.

    Parameters of one dtype in a group live side by side in one flat buffer, their gradients in
    another, so that an update is a few array operations, whatever the number of parameters. A
    parameter without a gradient, or with requires_grad=False, is left out together with its memory
    and its count of steps.

    Args:
        params: Tensors that require gradients, or dicts, each a group: "params" and any of the
            hyper-parameters that differ.
        defaults: the hyper-parameters of groups that do not say otherwise. All optimisers that
            follow the gradient have these two, and may have the next two:
            maximize: go up instead of down: the gradient's sign is changed first.
            check_finite: a NaN or an infinity in a gradient is an error in `step`, before any
                weight has changed. It costs one look at every gradient.
            weight_decay: λ ≥ 0; adds λ w to the gradient, as an L2 penalty ½ λ ‖w‖² would.
            decoupled_weight_decay: the decay is w ← (1 − α λ) w before the update instead.

    Attributes:
        param_groups: the groups as dicts; hyper-parameters may be changed between steps.
        state: what is remembered, as {parameter: {"step": …, name: array}}; the arrays are views.

    Raises:
        TypeError: a parameter is not a Tensor.
        ValueError: there are no parameters, one of them is a result or listed twice, or a
            hyper-parameter is unknown, negative or not a number.
    """

    counted: ClassVar[Counts] = {"step": 0}  # what is counted for each parameter, from these
    checks: ClassVar[dict[str, Check]] = {  # of the hyper-parameters that are not numbers from 0
        "maximize": flag,
        "check_finite": flag,
        "decoupled_weight_decay": flag,
    }

    def __init__(self, params: Params, **defaults: Any) -> None:
        self.defaults = defaults
        self.param_groups: list[dict[str, Any]] = []
        self._checked: list[dict[str, Any]] = []  # the groups as they were when last looked at
        self._flats: list[tuple[dict[str, Any], FlatParameters]] = []
        self._first_steps = FirstSteps(type(self).__name__)
        given = guards.listed(type(self).__name__, params)
        if isinstance(given[0], Mapping):
            for group in given:
                self.add_param_group(group)
        else:
            self.add_param_group({"params": given})

    # What an optimiser says

    def memory(self, group: Group) -> Numbers:  # noqa: ARG002
        """The arrays that are kept for each parameter, by name, with the value they start from."""
        return {}

    def advance(self, group: Group, counts: Counts) -> dict[str, float]:
        """The numbers of one step.

        Args:
            group: the hyper-parameters.
            counts: what is counted for the parameters; counts["step"] is this step's number, from
                1. What else a class counts (see `counted`), it changes here.
        """
        raise NotImplementedError

    def update(self, w: Array, g: Array, m: Any, c: Any, spare: Spare, group: Group) -> None:
        """The formula.

        Args:
            w: weights, changed in place.
            g: their gradient, with weight decay added; not to be written.
            m: the memory, m.<name>, changed in place.
            c: the numbers of `advance`, c.<name>, as arrays without axes.
            spare: two arrays of the same shape for anything.
            group: the hyper-parameters, for options.
        """
        raise NotImplementedError

    # What everybody does with it

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Add parameters with hyper-parameters of their own; raises as the class does."""
        complete = {**self.defaults, **group}
        params = complete.get("params", ())
        # A tuple: a parameter appended later would get no memory here, and never be updated.
        complete["params"] = (params,) if isinstance(params, Tensor) else tuple(params)
        guards.check_names(self, complete)
        self._check(complete)
        guards.check_parameters(self, complete["params"])
        self.param_groups.append(complete)
        self._checked.append(dict(complete))
        by_dtype: dict[Any, list[Tensor]] = {}
        for parameter in complete["params"]:
            by_dtype.setdefault(parameter.dtype, []).append(parameter)
        for parameters in by_dtype.values():
            self._flats.append((complete, FlatParameters(parameters, self.counted)))
        self._first_steps.begin()

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients: `.grad` of every parameter is None afterwards.

        With set_to_none=False it is an array of zeros, where there was a gradient; such a parameter
        is then updated although nothing reached it.
        """
        for parameter in self._parameters():
            if set_to_none or parameter._grad is None:
                parameter._grad = None
            else:
                parameter.grad = np.zeros_like(parameter._data)

    def step(self, closure: Closure | None = None) -> Any:
        """Update every parameter that has a gradient.

        Args:
            closure: a function that computes the gradients first and returns the loss, which is
                then the answer. If it raises, no parameter has changed.

        Raises:
            ValueError: a hyper-parameter was set to what it may not be.
            FloatingPointError: a gradient is not finite, where a group has check_finite.
        """
        self._check_groups()
        loss = None if closure is None else self._evaluate(closure)
        self._follow_gradients()
        return loss

    def _follow_gradients(self) -> None:
        if self._first_steps.watching:
            self._first_steps.look(self)
        recorder = recording_step.get()
        if recorder is not None:
            RecordedStep(self, recorder)
            return
        for group in self.param_groups:
            if group["check_finite"]:
                guards.check_finite(self)
                break
        for group, flat in self._flats:
            for run in flat.runs(self.memory(group)):
                c = flat.write_numbers(self.numbers(group, run.counts))
                share(partial(self._update_pieces, c, group), run.shares)
                run.written.stamp(f"{type(self).__name__}.step()")

    def gradients_are_finite(self) -> bool:
        """Whether the gradients that there are have neither NaN nor infinities."""
        return all(
            np.count_nonzero(np.isfinite(g)) == g.size
            for _, flat in self._flats
            for g in flat.gradients_in_use()
        )

    def _update_pieces(self, c: Any, group: Group, pieces: list[Piece]) -> None:
        plain = not (group["maximize"] or group.get("weight_decay"))
        for w, g, m, spare, prepared in pieces:
            if not plain:
                g = self._gradient(w, g, c, group, prepared)
            self.update(w, g, m, c, spare, group)

    def numbers(self, group: Group, counts: Counts) -> Numbers:
        """Those of `advance`, and those of weight decay."""
        numbers = self.advance(group, counts)
        decay = group.get("weight_decay")
        if decay:
            numbers["weight_decay"] = decay
            numbers["keep"] = 1 - group["lr"] * decay
        return numbers

    def _gradient(self, w: Array, g: Array, c: Any, group: Group, prepared: Array) -> Array:
        """The gradient to follow: downhill, and with weight decay; in `prepared` if it is not g."""
        sign = np.subtract if group["maximize"] else np.add
        if group.get("weight_decay"):
            if not group.get("decoupled_weight_decay"):
                np.multiply(w, c.weight_decay, out=prepared)
                return sign(prepared, g, out=prepared)
            w *= c.keep
        return np.negative(g, out=prepared) if group["maximize"] else g

    def _evaluate(self, closure: Closure) -> Any:
        if not callable(closure):
            raise TypeError(
                f"{type(self).__name__}.step takes a function that computes the loss, calls "
                f"backward and returns it, not {type(closure).__name__}. Without one: step()."
            )
        with enable_grad():
            return closure()

    def __autograd_parts__(self) -> list[Tensor]:
        """What a compiled step sees of it; it watches over the rest itself."""
        return list(self._parameters())

    def _parameters(self) -> Iterator[Tensor]:
        """All parameters, in the order of the groups."""
        return (parameter for group in self.param_groups for parameter in group["params"])

    # Saving

    @property
    def state(self) -> dict[Tensor, dict[str, Any]]:
        """What is remembered of each parameter that was updated; the arrays are views."""
        refuse_to_read(self, "state")
        found: dict[Tensor, dict[str, Any]] = {}
        for group, flat in self._flats:
            slots = self.memory(group)
            flat.remember(slots)  # an option may have been switched on since the last step
            for i, parameter in enumerate(flat.parameters):
                if flat.counts[i]["step"]:
                    views = {name: flat.slot(name, i) for name in slots}
                    found[parameter] = {**flat.counts[i], **views}
        return found

    def state_dict(self) -> dict[str, Any]:
        """All that `load_state_dict` needs to go on to the last bit, but for the parameters.

        Returns:
            {"state": {i: {"step": …, name: array}}, "param_groups": [{"lr": …, "params": [i, …]}]}
            with copies of the arrays. Parameters are numbered through all groups; one that was
            never updated has no state.
        """
        return saving.state_dict(self)

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over hyper-parameters and memory as `state_dict` gave them.

        The parameters themselves are the model's to save and load.

        Raises:
            ValueError: the groups, their sizes, the names or the shapes differ from those here, or
                a hyper-parameter may not have its value. All are listed, and nothing is changed.
            TypeError: it is no such dict.
        """
        saving.load_state_dict(self, state_dict)

    def _load_state(self, state: Mapping[Tensor, Mapping[str, Any]]) -> None:
        """Remember this and nothing else; it has been checked."""
        for group, flat in self._flats:
            slots = self.memory(group)
            flat.remember(slots)
            for i, parameter in enumerate(flat.parameters):
                entry = state.get(parameter, self.counted)
                flat.counts[i] = {k: type(first)(entry[k]) for k, first in self.counted.items()}
                for name in slots:
                    if name in entry:
                        flat.slot(name, i)[...] = entry[name]

    def _state_shapes(self, group: Group, parameter: Tensor) -> dict[str, Shape]:
        """The shapes of what is remembered of a parameter."""
        counts: dict[str, Shape] = dict.fromkeys(self.counted, ())
        return counts | dict.fromkeys(self.memory(group), parameter.shape)

    # Checks

    def _check(self, group: Group) -> None:
        """Raise ValueError if a hyper-parameter may not have its value."""
        for key in self.defaults:
            wrong = self.checks.get(key, at_least_zero)(group[key])
            if wrong:
                raise ValueError(f"{type(self).__name__}: {key} {wrong}")

    def _check_groups(self) -> None:
        """Look at the groups that were changed since they were last looked at."""
        name = type(self).__name__
        if len(self.param_groups) != len(self._checked):
            raise ValueError(f"{name}: groups are added by {name}.add_param_group(group).")
        for i, group in enumerate(self.param_groups):
            known = self._checked[i]
            if group["params"] is not known["params"]:
                raise ValueError(
                    f"{name}: the parameters of param_groups[{i}] were exchanged. Make a new "
                    f"{name} for them, or add them by add_param_group."
                )
            if group != known:
                try:
                    self._check(group)
                except ValueError as error:
                    error.add_note(f"  param_groups[{i}] was changed since it was last checked.")
                    raise
                self._checked[i] = dict(group)

    def __repr__(self) -> str:
        groups = "; ".join(
            f"{len(group['params'])} parameters, "
            + ", ".join(f"{k}={v!r}" for k, v in group.items() if k != "params")
            for group in self.param_groups
        )
        return f"{type(self).__name__}({groups})"
