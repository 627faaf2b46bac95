"""What an optimiser remembers, as a dict and back again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from optim.guards import label

if TYPE_CHECKING:
    from autograd import Tensor
    from optim.optimizer import Optimizer

Entries = dict["Tensor", Mapping[str, Any]]


def state_dict(optimizer: Optimizer) -> dict[str, Any]:
    """See Optimizer.state_dict."""
    number = {parameter: i for i, parameter in enumerate(optimizer._parameters())}
    state = {
        number[parameter]: {name: _copied(value) for name, value in entry.items()}
        for parameter, entry in optimizer.state.items()
    }
    groups = [
        {**group, "params": [number[parameter] for parameter in group["params"]]}
        for group in optimizer.param_groups
    ]
    return {"state": dict(sorted(state.items())), "param_groups": groups}


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def load_state_dict(optimizer: Optimizer, given: Mapping[str, Any]) -> None:
    """See Optimizer.load_state_dict."""
    if not isinstance(given, Mapping) or not {"state", "param_groups"} <= given.keys():
        found = list(given) if isinstance(given, Mapping) else type(given).__name__
        raise TypeError(
            f"{type(optimizer).__name__}.load_state_dict takes what state_dict() of an optimiser "
            f"gives, a dict with 'state' and 'param_groups'; this is {found}."
        )
    groups = [_plain(group) for group in given["param_groups"]]
    problems = list(_group_problems(optimizer, groups))
    entries: Entries = {}
    if not problems:
        numbers = [i for group in given["param_groups"] for i in group["params"]]
        known = dict(zip(numbers, optimizer._parameters(), strict=True))
        entries = {known[i]: entry for i, entry in given["state"].items() if i in known}
        strangers = [i for i in given["state"] if i not in known]
        if strangers:
            problems.append(f"state of parameters that no group has: {strangers}")
        problems += _entry_problems(optimizer, groups, entries)
    if problems:
        name = type(optimizer).__name__
        lines = [f"{name}.load_state_dict: the state does not fit; nothing was changed."]
        fix = "build the model and the optimiser with the sizes, groups and class that were saved"
        raise ValueError("\n  ".join([*lines, *problems, f"fix  {fix}"]))
    for here, group in zip(optimizer.param_groups, groups, strict=True):
        params = here["params"]
        here.clear()
        here.update(group, params=params)
    optimizer._load_state(entries)


def _plain(group: Mapping[str, Any]) -> dict[str, Any]:
    """A group's hyper-parameters, as they are here: a pair that went through a file is a list."""
    return {name: tuple(v) if isinstance(v, list) else v for name, v in group.items()}


def _group_problems(optimizer: Optimizer, groups: list[dict[str, Any]]) -> Iterator[str]:
    if len(groups) != len(optimizer.param_groups):
        yield f"groups: {len(groups)} in the state, {len(optimizer.param_groups)} here"
        return
    for i, (group, here) in enumerate(zip(groups, optimizer.param_groups, strict=True)):
        theirs, ours = len(group.get("params", ())), len(here["params"])
        if theirs != ours:
            yield f"group {i}: {theirs} parameters in the state, {ours} here"
        missing = [name for name in optimizer.defaults if name not in group]
        if missing:
            yield f"group {i}: the state lacks {', '.join(missing)}"
            continue
        try:
            optimizer._check(group)
        except ValueError as error:
            yield f"group {i}: {error}"


def _entry_problems(
    optimizer: Optimizer, groups: list[dict[str, Any]], entries: Entries
) -> Iterator[str]:
    i = 0
    for group, here in zip(groups, optimizer.param_groups, strict=True):
        for parameter in here["params"]:
            entry = entries.get(parameter)
            if entry is not None:
                shapes = optimizer._state_shapes(group, parameter)
                for problem in _misfits(entry, shapes):
                    yield f"{label(i, parameter)}: {problem}"
            i += 1


def _misfits(entry: Mapping[str, Any], shapes: Mapping[str, tuple[int | None, ...]]) -> list[str]:
    """What is missing, unexpected or of another shape; None stands for any length."""
    missing = [name for name in shapes if name not in entry]
    unexpected = [name for name in entry if name not in shapes]
    problems = [f"the state lacks {', '.join(missing)}"] if missing else []
    if unexpected:
        problems.append(f"the state has the unexpected {', '.join(unexpected)}")
    for name, shape in shapes.items():
        if name not in entry:
            continue
        value = np.asarray(entry[name])
        lengths = zip(value.shape, shape, strict=False)
        if value.ndim != len(shape) or any(b not in (a, None) for a, b in lengths):
            here = str(shape).replace("None", "any")
            problems.append(f"{name}: {value.shape} in the state, {here} here")
        elif value.dtype.kind not in "fiu":
            problems.append(f"{name}: {value.dtype} in the state, and not real numbers")
    return problems
