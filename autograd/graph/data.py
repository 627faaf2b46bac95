"""What a description of a graph holds: variables, calls and edges, as frozen data."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Literal

import numpy as np

from autograd.function import Function
from autograd.places import Line
from autograd.symbols.formula import Formula

Array = Any
GradientStatus = Literal["computed", "exactly zero", "blocked", "not computed"]


@dataclass(frozen=True)
class Variable:
    """An array of the graph: something it starts from, or what a function made.

    Attributes:
        gradient_status: "computed" if a backward pass brought it a gradient, and "exactly zero" if
            all entries of that are 0; "blocked" if the outputs depend on it, but every way back
            from them is cut; else "not computed": no pass ran or came by, or it wants none.
        blocked_at: the keys of the calls that cut the ways, where it is blocked.
    """

    key: str  # unique within the graph
    name: str | None
    shape: tuple[int, ...]
    dtype: str
    is_leaf: bool
    requires_grad: bool
    value: Array | None = field(default=None, compare=False)
    gradient: Array | None = field(default=None, compare=False)
    gradient_status: GradientStatus = "not computed"
    blocked_at: tuple[str, ...] = ()

    @property
    def kind(self) -> Literal["leaf", "constant", "result"]:
        """A leaf is given a gradient; a constant is where the graph starts without wanting one."""
        if not self.is_leaf:
            return "result"
        return "leaf" if self.requires_grad else "constant"


@dataclass(frozen=True)
class Call:
    """One call of a function, that is of an operation."""

    key: str  # unique within the graph
    op: type[Function]
    label: str  # "Affine", "+", "× 2", "[0, 1:3]"
    settings: tuple[str, ...]  # such as "axis=0"; those that differ from the defaults
    module: str | None = None  # the path of the module in whose forward it ran
    module_kind: str | None = None  # that module's class by name
    line: Line | None = None  # of the user's code
    formula: Formula | None = None  # in the names of the operation's inputs


@dataclass(frozen=True)
class Edge:
    """From a variable to the call that takes it, or from a call to a variable that it made.

    Attributes:
        gradient: what the call sent back to this input.
        local_gradient: of an elementwise call the derivative of its output by this input, entry by
            entry, in the output's shape; of any other the Jacobian, (*output shape, *input shape).
        formula: the rule for this input, as a formula: for an elementwise call the local gradient,
            for any other the gradient of the input in terms of g, the upstream gradient.
    """

    source: str
    target: str
    name: str  # which input or output of the operation this is
    has_gradient: bool  # whether a gradient flows back along it
    is_cut: bool = False  # whether the variable wants a gradient that the call does not send
    gradient: Array | None = field(default=None, compare=False)
    local_gradient: Array | None = field(default=None, compare=False)
    formula: Formula | None = None


@dataclass(frozen=True)
class Description:
    """A computation graph, in which each variable and each call stands once.

    `print` shows it as a tree.
    """

    title: str  # of the function or the result; may be empty
    variables: tuple[Variable, ...]
    calls: tuple[Call, ...]  # in topological order
    edges: tuple[Edge, ...]
    outputs: tuple[str, ...]  # keys of the variables that the function returned
    modules: Mapping[str, str] = field(default_factory=dict)  # the modules' kinds by path
    note: str = ""  # what could not be shown, and how to get it

    @cached_property
    def variable(self) -> dict[str, Variable]:
        """The variables by key."""
        return {one.key: one for one in self.variables}

    @cached_property
    def call(self) -> dict[str, Call]:
        """The calls by key."""
        return {one.key: one for one in self.calls}

    @cached_property
    def edges_to(self) -> dict[str, list[Edge]]:
        """The edges that end at a call or variable, by its key."""
        found: dict[str, list[Edge]] = {key: [] for key in (*self.variable, *self.call)}
        for edge in self.edges:
            found.setdefault(edge.target, []).append(edge)
        return found

    @cached_property
    def edges_from(self) -> dict[str, list[Edge]]:
        """The edges that start at a call or variable, by its key."""
        found: dict[str, list[Edge]] = {key: [] for key in (*self.variable, *self.call)}
        for edge in self.edges:
            found.setdefault(edge.source, []).append(edge)
        return found

    def inputs_of(self, call: Call) -> dict[str, Variable]:
        """The variables that a call takes, by the operation's names for its inputs."""
        return {edge.name: self.variable[edge.source] for edge in self.edges_to[call.key]}

    def outputs_of(self, call: Call) -> dict[str, Variable]:
        """The variables that a call made, by the operation's names for its outputs."""
        return {edge.name: self.variable[edge.target] for edge in self.edges_from[call.key]}

    def as_dict(self) -> dict[str, Any]:
        """All of it in dicts, lists, texts and numbers, as JSON has them.

        Operations are named, a formula is {"text": …, "latex": …}, arrays are nested lists, and in
        them NaN and infinities, which JSON lacks, are the texts "nan", "inf" and "-inf".
        """
        plain: dict[str, Any] = _plain(self)
        return plain

    def to_json(self, indent: int | None = None) -> str:
        """`as_dict` as JSON text."""
        return json.dumps(self.as_dict(), indent=indent, allow_nan=False)

    def __str__(self) -> str:
        text = importlib.import_module("autograd.graph.text")  # it is built on this file
        gradients = any(one.gradient is not None for one in self.variables)
        return str(text.tree_of(self, gradients))


def _plain(thing: Any) -> Any:
    if isinstance(thing, Description | Variable | Call | Edge):
        return {one.name: _plain(getattr(thing, one.name)) for one in fields(thing)}
    if isinstance(thing, Formula):
        return {"text": str(thing), "latex": thing.latex}
    if isinstance(thing, Line):
        return {**thing._asdict(), "text": thing.text}
    if isinstance(thing, type):
        return thing.__name__
    if isinstance(thing, Mapping):
        return {key: _plain(one) for key, one in thing.items()}
    if isinstance(thing, tuple | list):
        return [_plain(one) for one in thing]
    if isinstance(thing, np.ndarray):
        return _plain(thing.tolist())
    if isinstance(thing, float) and not np.isfinite(thing):
        return str(thing)
    return thing
