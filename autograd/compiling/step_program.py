"""A recorded step as the text of a plain NumPy program, which is also what runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from autograd.compiling import blocks
from autograd.compiling.blocks import Block
from autograd.compiling.piece_writing import PieceWriter
from autograd.compiling.pieces import InPieces
from autograd.compiling.plan import Plan
from autograd.tracing.calls import Call, Entry, is_view
from autograd.tracing.writing import FILLED, Section, form, indented

_PROGRAM = '''\
"""{title}, as plain NumPy calls: recorded once, for these shapes and dtypes."""

import numpy as np


def program({outside}):
    """{about}"""
{setup}

    def step({inputs}):
{body}

    return step
'''


REDUCTIONS = {
    np.sum: np.add,
    np.prod: np.multiply,
    np.max: np.maximum,
    np.min: np.minimum,
    np.all: np.logical_and,
    np.any: np.logical_or,
}


BY_ENTRY = (np.maximum, np.minimum)
SHORT = 32  # entries in a loop of NumPy's, whose beginning then takes longer than the rest


class StepProgram(PieceWriter):
    """The text of a step: `program(*outside)` answers the function that runs it.

    What that function answers lies in memory that its next run writes again.

    Attributes:
        text: Python source that runs with NumPy alone.
    """

    def __init__(
        self,
        title: str,
        plan: Plan,
        sections: Sequence[Section],
        inputs: Sequence[Entry],
        outputs: Sequence[Entry],
    ) -> None:
        super().__init__()
        self._plan = plan
        self._numbers: dict[Any, Any] = {}
        self._inputs = {id(one): one for one in inputs}
        for one in inputs:
            self._names[id(one)] = self._new_name(one.label or "input")
        self._slots = [self._slot(i, size) for i, size in enumerate(plan.sizes)]
        body = self._statements(sections)
        body.append(f"return {self._expression(tuple(outputs))}")
        shapes = ", ".join(f"{self._name(x)} {form(x)}" for x in inputs)
        about = f"Answers step({shapes})."
        if self.outside:
            facts = [f"{name}: {form(one)}" for name, one in self.outside.items()]
            about += f"\n\n{indented(facts, 4)}\n    "
        self.text = _PROGRAM.format(
            title=title,
            outside=", ".join(self.outside),
            about=about,
            setup=indented(self._setup, 4),
            inputs=", ".join(self._name(one) for one in inputs),
            body=indented(body, 8),
        )

    def _slot(self, i: int, size: int) -> str:
        name = self._new_name(f"memory_{i}")
        self._setup.append(f"{name} = np.empty({size}, np.uint8)")
        return name

    def _statement(self, call: Call) -> list[str]:
        if isinstance(call.function, InPieces):
            return self._in_pieces(call.function)
        if isinstance(call.function, Block):
            return self._block(call, call.function, self._inputs)
        if call.function is np.empty:
            self._buffer(call.results[0])
            return []
        if call.results and id(call.results[0]) in self._plan.constant:
            return self._constant(call)
        if is_view(call) and id(call.results[0].root()) in self._inputs:
            (result,) = call.results
            name = self._names[id(result)] = self._new_name(result.label or "view")
            return [f"{name} = {self._call(call)}"]
        axis = _slow_axis(call)
        if axis is not None:
            return self._reduced_outermost(call, axis)
        return super()._statement(call)

    def _reduced_outermost(self, call: Call, axis: int) -> list[str]:
        """A reduction of a copy whose memory goes along the other axes first: in long loops."""
        x = call.args[0]
        shape = (x.shape[axis], *x.shape[:axis], *x.shape[axis + 1 :])
        text = f"np.empty({shape}, {self._expression(x.dtype)})"
        text = f"np.moveaxis({text}, 0, {axis})"
        copy = np.moveaxis(np.empty(shape, x.dtype), 0, axis)
        name = self._define(copy, "turned", text)
        reduction = super()._statement(replace(call, args=(copy, *call.args[1:])))
        return [f"np.copyto({name}, {self._expression(x)})", *reduction]

    def _constant(self, call: Call) -> list[str]:
        """A call whose results never change: made once, before the first run."""
        if call.function in FILLED:
            (one,) = call.results
            shape, dtype = self._expression(one.shape), self._expression(one.dtype)
            text = f"np.full({shape}, {FILLED[call.function]}, {dtype})"
            self._define(one, "constant", text)
        elif call.function is np.ndarray.astype:
            source, dtype = map(self._expression, call.args)
            self._define(call.results[0], "constant", f"np.array({source}, {dtype})")
        elif len(call.results) == 1:
            self._define(call.results[0], "constant", self._call(call))
        else:
            names = [self._define(one, "constant", "None") for one in call.results]
            self._setup.append(f"{', '.join(names)} = {self._call(call)}")
        return []

    def _buffer(self, array: Entry) -> None:
        """Memory for a result: its slot, or where it is to be copied anyway."""
        target = self._plan.instead.get(id(array))
        if target is not None:
            self._names[id(array)] = self._expression(target)
            return
        axes = sorted(range(array.ndim), key=lambda i: -array.strides[i])
        shape = tuple(array.shape[i] for i in axes)  # as it lies in memory
        text = f"{self._slots[self._plan.slots[id(array)]]}[:{array.nbytes}]"
        text += f".view({self._expression(array.dtype)}).reshape({shape})"
        if axes != sorted(axes):
            text += f".transpose({tuple(axes.index(i) for i in range(array.ndim))})"
        self._define(array, array.label or "t", text)

    def _call(self, call: Call, out: str | None = None) -> str:
        if _is_outer(call):
            call = replace(call, function=np.dot)  # which has BLAS do it, and `matmul` has not
        ufunc = REDUCTIONS.get(call.function)
        if ufunc is not None:  # what NumPy's function comes to, without its detour
            axis = call.args[1] if len(call.args) > 1 else call.kwargs.get("axis")
            more = {**call.kwargs, "axis": axis}
            call = Call(ufunc.reduce, call.args[:1], more, call.results)
        if isinstance(call.function, np.ufunc) and call.function.signature is None:
            arrays = [one for one in call.args if hasattr(one, "dtype")]
            dtypes = {one.dtype for one in arrays}
            if len(dtypes) == 1 and next(iter(dtypes)).kind == "f":
                numbers = [
                    self._number(one, arrays[0], call.function)
                    if type(one) in (int, float)
                    else one
                    for one in call.args
                ]
                call = replace(call, args=tuple(numbers))
        return super()._call(call, out)

    def _number(self, value: float, beside: Any, function: np.ufunc) -> Any:
        """A Python number as an array, for which a ufunc takes less time.

        `maximum` and `minimum` compare several entries at once only in arrays of equal shapes.
        """
        shape = beside.shape if function in BY_ENTRY else ()
        if shape and self._rows:
            shape = (self._rows, *shape[1:])
        if prod(shape) >= blocks.LARGE:
            shape = ()
        key = (repr(value), beside.dtype, shape, self._rows)
        if key not in self._numbers:
            self._numbers[key] = array = np.full(shape, value, beside.dtype)
            if shape:
                size, number, dtype = map(self._expression, (shape, value, beside.dtype))
                name = self._define(array, "filled", f"np.full({size}, {number}, {dtype})")
                if self._rows:
                    self._names[id(array)] = f"{name}[: stop - start]"
        return self._numbers[key]


def _is_outer(call: Call) -> bool:
    """Whether a call is the product of a column and a row."""
    if call.function is not np.matmul or call.kwargs:
        return False
    # What is no array is a list, which NumPy makes one of.
    matrices = all(getattr(one, "ndim", None) == 2 for one in call.args)
    return matrices and call.args[0].shape[1] == 1


def _slow_axis(call: Call) -> int | None:
    """The axis of a reduction in many short loops, if the result is the same in another order.

    A sum goes along its axis in order, unless that is the last axis; then NumPy adds in pairs.
    """
    x = call.args[0] if call.args else None
    if call.function not in REDUCTIONS or not isinstance(x, Entry):
        return None
    axis = call.args[1] if len(call.args) > 1 else call.kwargs.get("axis")
    axis = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
    (result,) = call.results
    if type(axis) is not int or result.dtype != x.dtype or not _in_order(x):
        return None
    axis %= x.ndim
    if axis < x.ndim - 1:
        loop, loops = prod(x.shape[axis + 1 :]), prod(x.shape[:axis])
        slow = 1 < loop <= SHORT and loops >= 4
    else:
        loop, loops = x.shape[-1], prod(x.shape[:-1])
        slow = call.function in (np.max, np.min) and loop < loops
    return axis if slow else None


def _in_order(x: Entry) -> bool:
    """Whether the last axis is the one along which memory goes, and so on."""
    steps = [x.dtype.itemsize * prod(x.shape[i + 1 :]) for i in range(x.ndim)]
    return x.strides == tuple(steps)
