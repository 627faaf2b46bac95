"""Which variables a gradient comes to, and where the way back to the others is cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autograd.graph.data import Description, GradientStatus, Variable


def with_statuses(graph: Description) -> Description:
    """The description with each variable's `gradient_status`, and where it is blocked."""
    cuts = _cuts(graph)
    variables = (
        replace(one, gradient_status=_status(one, cuts), blocked_at=cuts.get(one.key) or ())
        for one in graph.variables
    )
    return replace(graph, variables=tuple(variables))


def _status(variable: Variable, cuts: dict[str, tuple[str, ...]]) -> GradientStatus:
    if variable.gradient is not None:
        return "computed" if np.any(np.asarray(variable.gradient) != 0) else "exactly zero"
    return "blocked" if variable.requires_grad and cuts.get(variable.key) else "not computed"


def _cuts(graph: Description) -> dict[str, tuple[str, ...]]:
    """For the variables that the outputs depend on, the calls that cut the ways back to them.

    Empty for one to which a gradient comes on some way.
    """
    cuts: dict[str, tuple[str, ...]] = dict.fromkeys(graph.outputs, ())
    for call in reversed(graph.calls):
        made = [edge.target for edge in graph.edges_from[call.key] if edge.target in cuts]
        if not made:
            continue  # no output depends on it
        # A gradient passes through the call if one comes to a result of it.
        beyond = _joined([cuts[key] for key in made])
        for edge in graph.edges_to[call.key]:
            here = (call.key,) if edge.is_cut else beyond
            before = [cuts[edge.source]] if edge.source in cuts else []
            cuts[edge.source] = _joined([*before, here])
    return cuts


def _joined(ways: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Where several ways are cut: nowhere, if one of them is open."""
    return tuple(dict.fromkeys(key for way in ways for key in way)) if all(ways) else ()
