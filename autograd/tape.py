"""What a record holds: the calls of operations, and the values that they took and made."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any
from weakref import WeakSet, ref

import numpy as np

from autograd.diagnosis import describe
from autograd.function import Function, Output
from autograd.operands import fit
from autograd.places import Line, ModulePlace
from autograd.protocols import read_only
from autograd.rules import Signature
from autograd.tensor import Tensor

if TYPE_CHECKING:
    from autograd.symbols.formula import Formula

Array = Any


class Value:
    """An array that calls took or made: the same one wherever the program used the same Tensor.

    Attributes:
        array: the values at the time of the calls, read-only. What came from outside is a copy: if
            it was written in place between two calls, they have two Values. Results are not copied.
        given_name: `Tensor.name`, which is a parameter's path in its module; None if it has none.
        variable: the first variable of the user's code that was found to hold it, or None.
        made_by: the number of the call that made it; None for what came from outside.
        is_leaf: whether it came from outside and has no history from before the record.
        requires_grad: whether gradients are computed for it.
    """

    __slots__ = (
        "_arrived",
        "array",
        "given_name",
        "is_leaf",
        "made_by",
        "requires_grad",
        "variable",
    )

    def __init__(self, thing: Any, array: Array, made_by: int | None = None) -> None:
        self.array = _shown(array)
        self.given_name: str | None = getattr(thing, "name", None)
        self.variable: str | None = None
        self.made_by = made_by
        self.is_leaf = made_by is None and getattr(thing, "is_leaf", True)
        self.requires_grad = getattr(thing, "requires_grad", False)
        # What it received: from the engine (key None), and what each input it was sent back.
        self._arrived: dict[tuple[int, str] | None, Array] = {}

    @property
    def name(self) -> str | None:
        """What it is called: its given name, else the variable."""
        return self.given_name or self.variable

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of its axes."""
        return self.array.shape  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of its entries."""
        return self.array.dtype  # type: ignore[no-any-return]

    @property
    def gradient(self) -> Array | None:
        """The gradient that arrived here, the sum over all uses; None if none did."""
        if None in self._arrived:
            return _shown(self._arrived[None])
        parts = [fit(part, self) for part in self._arrived.values()]
        return _shown(reduce(np.add, parts)) if parts else None

    def sent_from(self, call: int, input: str) -> Array | None:
        """What that call sent back to its input of that name, which this is; None if nothing."""
        part = self._arrived.get((call, input))
        return None if part is None else _shown(fit(part, self))

    def receive(self, key: tuple[int, str] | None, gradient: Any) -> None:
        """Note what arrived in a pass, in the place of what came from there before."""
        if gradient is None:
            self._arrived.pop(key, None)
        else:
            self._arrived[key] = getattr(gradient, "_data", gradient)

    def __repr__(self) -> str:
        name = f"{self.name!r} " if self.name else ""
        return f"<Value {name}{self.shape} {self.dtype}>"


@dataclass(eq=False, slots=True)
class Call:
    """One call of an operation.

    Attributes:
        number: its place in the tape's calls.
        op: the operation's class.
        inputs: by the operation's names for them ("arrays[0]" where it takes any number): a Value,
            or a Python number as it stood.
        settings: by name, in the form in which the operation works with them.
        outputs: by name.
        module: the path of the module in whose forward it ran, within the outermost module (which
            is ""); None outside of modules.
        module_kind: that module's class by name.
        line: the line of the user's code.
        in_backward: whether it was made by a backward pass with create_graph, or by a hook.
    """

    number: int
    op: type[Function]
    inputs: dict[str, Any]
    settings: Mapping[str, Any]
    outputs: dict[str, Value]
    module: str | None
    module_kind: str | None
    line: Line | None
    in_backward: bool
    _node: Function | None  # a copy whose edges lead to the input Values; keeps no graph alive

    @property
    def upstream(self) -> dict[str, Array]:
        """The gradient that each output received in the last recorded pass; empty if none did."""
        found = {name: one.gradient for name, one in self.outputs.items()}
        return {name: g for name, g in found.items() if g is not None}

    @property
    def gradients(self) -> dict[str, Array]:
        """What was sent back to each input in the last recorded pass, in the input's shape."""
        values = {name: one for name, one in self.inputs.items() if isinstance(one, Value)}
        found = {name: one.sent_from(self.number, name) for name, one in values.items()}
        return {name: g for name, g in found.items() if g is not None}

    def local_gradients(self) -> dict[str, Array]:
        """The derivatives of the output by each input that wants a gradient, in numbers.

        For an elementwise operation in the output's shape, entry by entry; for any other the
        Jacobian, of shape (*output shape, *input shape). They do not depend on a backward pass.

        Raises:
            RuntimeError: the call recorded no history.
            TypeError: the operation has several outputs.
        """
        return self._by_input(self._recorded().local_gradient_values())

    def formula(self) -> Formula:
        """What the call computed, as a formula in the names of the operation's inputs."""
        symbols = importlib.import_module("autograd.symbols")  # loaded when formulas are asked for
        formula: Formula = symbols.formula_of(self.op, self.settings)
        return formula

    def local_gradient_formulas(self) -> dict[str, Formula]:
        """The rules by which gradients got back through this call, as formulas, by input.

        Raises RuntimeError if the call recorded no history.
        """
        return self._by_input(self._recorded().local_gradient_formulas())

    def _recorded(self) -> Function:
        if self._node is None:
            raise RuntimeError(
                f"{self.op.__name__} (call {self.number}) recorded no history, so it has no local "
                "gradients: none of its inputs requires a gradient that the operation has, or it "
                "ran within no_grad()."
            )
        return self._node

    def _by_input(self, found: dict[Any, Any]) -> dict[str, Any]:
        return {input_name(self.op.signature, which): one for which, one in found.items()}

    def receive(self, upstream: Any, gradients: tuple[Any, ...]) -> None:
        """Note what a backward pass brought to the outputs and sent to the inputs."""
        assert self._node is not None
        several = upstream if self._node.several else [upstream]
        arrived = dict(zip(self.op.signature.outputs, several, strict=True))
        for name, value in self.outputs.items():
            value.receive(None, arrived[name])
        for which, gradient in zip(self._node.plan.wanted, gradients, strict=True):
            name = input_name(self.op.signature, which)
            self.inputs[name].receive((self.number, name), gradient)

    def __str__(self) -> str:
        """As Python would write it, with "#3" for the unnamed result of call 3."""
        settings = [f"{n}={' '.join(repr(x).split()):.40}" for n, x in self.settings.items()]
        return f"{self.op.__name__}({', '.join([*map(_short, self.inputs.values()), *settings])})"


class Tape:
    """What happened within one `with autograd.record() as tape:`.

    Attributes:
        calls: every call of an operation, in order, whether or not it has a derivative, backward
            passes with create_graph included (`call.in_backward`).
        modules: the kinds of the modules that ran, by path, such as {"": "Net", "0": "Linear"}.

    `print(tape)` shows the calls as a table.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.modules: dict[str, str] = {}
        # By identity. Tensors and arrays are held weakly: the tape keeps values, not the graph.
        self._values: dict[tuple[int, int | None], tuple[Callable[[], Any], Value]] = {}
        _tapes.add(self)

    def value_of(self, thing: Any) -> Value:
        """What was recorded of a Tensor or array; raises LookupError if no call took or made it.

        For one that was written in place, the Value that was met last.
        """
        value = self.look_up(thing)
        if value is None:
            raise LookupError(
                f"No call of this record took or made {_described(thing)}. Compute with it within "
                "`with autograd.record() as tape:`, and ask for the very object, not for a copy."
            )
        return value

    def call_of(self, tensor: Any) -> Call:
        """The call that made a Tensor; raises LookupError if none of this record did."""
        number = self.value_of(tensor).made_by
        if number is None:
            raise LookupError(
                f"{_described(tensor)} came from outside: no call of this record made it. If it is "
                "a result, compute it within `with autograd.record() as tape:`."
            )
        return self.calls[number]

    def look_up(self, thing: Any) -> Value | None:
        """As `value_of`, with None for anything that was not met."""
        origin, index = origin_of(thing)
        alive, value = self._values.get((id(origin), index), (None, None))
        return value if alive is not None and alive() is origin else None

    def keep(self, thing: Any, value: Value) -> Value:
        """Have `value` stand for a Tensor or array from now on."""
        origin, index = origin_of(thing)
        try:
            alive: Callable[[], Any] = ref(origin)
        except TypeError:  # a list of numbers, which cannot be held weakly
            alive = lambda: origin  # noqa: E731
        self._values[id(origin), index] = alive, value
        return value

    def __repr__(self) -> str:
        return f"<Tape of {len(self.calls)} calls; print(tape) shows them>"

    def __str__(self) -> str:
        rows = [("#", "module", "call", "result", "line", "")]
        for call in self.calls:
            place = "" if call.module is None else ModulePlace(call.module, call.module_kind or "")
            results = ", ".join(map(_with_shape, call.outputs.values()))
            line, text = (str(call.line), call.line.text) if call.line else ("", "")
            rows.append((str(call.number), str(place), str(call), results, line, text))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join(lines)


_tapes: WeakSet[Tape] = WeakSet()  # those that somebody still holds


def tape_of(tensor: Tensor) -> Tape | None:
    """The tape that recorded the call which made a Tensor; None if none did, or it is gone.

    Of several, the one with the fewest calls: the innermost record.
    """
    known = ((tape, tape.look_up(tensor)) for tape in list(_tapes))
    found = [tape for tape, value in known if value is not None and value.made_by is not None]
    return min(found, key=lambda tape: len(tape.calls), default=None)


def origin_of(thing: Any) -> tuple[Any, int | None]:
    """What identifies a value: a leaf or an array itself, of a result its node and which output."""
    origin = thing.edge() if isinstance(thing, Tensor) else thing
    return (origin.edges[0], origin.index) if isinstance(origin, Output) else (origin, None)


def input_name(read: Signature, which: Any) -> str:
    """The name of an input: of one among any number, which is a position, with that."""
    return f"{read.inputs[0]}[{which}]" if read.variadic else which


def visible_outputs(read: Signature) -> list[str]:
    """The outputs that are handed out."""
    return [name for name in read.outputs if not name.startswith("_")]


def _shown(array: Array) -> Array:
    """An array as it is handed out: what was recorded is not to be written."""
    return read_only(array) if isinstance(array, np.ndarray) else array


def _short(thing: Any) -> str:
    """An operand as a formula would name it."""
    if not isinstance(thing, Value):
        return f"{thing:.6g}" if isinstance(thing, float) else str(thing)
    return thing.name or (str(thing.shape) if thing.made_by is None else f"#{thing.made_by}")


def _with_shape(value: Value) -> str:
    return f"{value.name + ' ' if value.name else ''}{value.shape} {value.dtype}"


def _described(thing: Any) -> str:
    return f"the {type(thing).__name__} {describe(thing)}"
