"""From an expression to boxes: which function is written how, and where brackets are needed."""

from __future__ import annotations

import operator
from typing import Any, NamedTuple

import numpy as np

from autograd.function import Function
from autograd.ops import GetItem
from autograd.symbols.boxes import (
    Box,
    Fenced,
    Fraction,
    Lowered,
    Number,
    Raised,
    Root,
    Row,
    Sign,
    Space,
    Upright,
    Word,
)
from autograd.symbols.expression import Apply, Constant, Expression, Name, Several
from autograd.tracing.labels import in_snake_case

# How tightly a form binds: an operand that binds less tightly than its place wants gets brackets.
LOGIC, COMPARISON, SUM, PRODUCT, MINUS, POWER, ATOM = range(7)

INFIX: dict[Any, tuple[str, int]] = {
    np.add: ("+", SUM),
    np.subtract: ("−", SUM),
    np.multiply: ("·", PRODUCT),
    np.matmul: ("@", PRODUCT),
    np.greater: (">", COMPARISON),
    np.greater_equal: ("≥", COMPARISON),
    np.less: ("<", COMPARISON),
    np.less_equal: ("≤", COMPARISON),
    np.equal: ("=", COMPARISON),
    np.not_equal: ("≠", COMPARISON),
    np.bitwise_and: ("∧", LOGIC),
    np.bitwise_or: ("∨", LOGIC),
    np.logical_and: ("∧", LOGIC),
    np.logical_or: ("∨", LOGIC),
}
ASSOCIATIVE = frozenset((np.add, np.multiply, np.matmul, np.bitwise_and, np.bitwise_or))

NAMES: dict[Any, str] = {  # of functions whose usual name is another than NumPy's
    np.log: "ln",
    np.absolute: "abs",
    np.amax: "max",
    np.amin: "min",
}
OVER_AXES: dict[Any, str] = {np.sum: "Σ", np.prod: "Π"}


class Piece(NamedTuple):
    """A box, and how tightly its outermost form binds."""

    box: Box
    binds: int


def lay_out(tree: Expression) -> Box:
    """The boxes of an expression."""
    return _piece(tree).box


def _piece(tree: Expression) -> Piece:
    match tree:
        case Name(text):
            return Piece(Word(text), ATOM)
        case Constant(value):
            return _constant(value)
        case Several(items):
            return Piece(Fenced(_list([lay_out(one) for one in items])), ATOM)
        case Apply():
            return _application(tree)


def _constant(value: Any) -> Piece:
    if isinstance(value, np.ndarray):
        if value.ndim:
            return Piece(Upright(f"array{value.shape}"), ATOM)
        value = value.item()
    if isinstance(value, bool | np.bool_) or value is None or value is ...:
        return Piece(Upright("…" if value is ... else str(value)), ATOM)
    if isinstance(value, int | float | np.number):
        text = f"{float(value):.6g}".replace("inf", "∞")
        if text.startswith("-"):
            return Piece(Number(text.replace("-", "−", 1)), MINUS)
        return Piece(Number(text), ATOM)
    name = getattr(value, "name", None)
    if name is not None and isinstance(value, tuple):
        return Piece(Row((Upright("shape of "), Word(name))), ATOM)
    return Piece(Upright(_text(value)), ATOM)


def _application(tree: Apply) -> Piece:
    function, args = tree.function, tree.args
    if function in INFIX and len(args) == 2 and not tree.settings:
        return _infix(tree)
    if function is np.negative:
        return Piece(Row((Sign("−"), _at_least(PRODUCT, args[0]))), MINUS)
    if function is np.divide:
        below = _at_least(POWER, args[1])
        flat = Row((_at_least(PRODUCT, args[0]), Sign("/", spaced=True), below))
        return Piece(Fraction(lay_out(args[0]), lay_out(args[1]), flat), PRODUCT)
    if function is np.reciprocal:
        return _application(Apply(np.divide, (Constant(1), *args)))
    if function in (np.power, np.float_power):
        return Piece(Raised(_at_least(ATOM, args[0]), lay_out(args[1])), POWER)
    if function is np.square:
        return Piece(Raised(_at_least(ATOM, args[0]), Number("2")), POWER)
    if function is np.exp:
        return Piece(Raised(Word("e"), lay_out(args[0])), POWER)
    if function is np.exp2:
        return Piece(Raised(Number("2"), lay_out(args[0])), POWER)
    if function is np.sqrt:
        return Piece(Root(lay_out(args[0])), ATOM)
    if function is np.absolute:
        return Piece(Fenced(lay_out(args[0]), "|", "|"), ATOM)
    if function in (np.invert, np.logical_not):
        return Piece(Row((Sign("¬"), _at_least(ATOM, args[0]))), MINUS)
    if function is np.matrix_transpose or (function is np.transpose and len(args) == 1):
        return Piece(Raised(_at_least(ATOM, args[0]), Sign("⊤")), POWER)
    if function is operator.getitem or (function is GetItem and "key" in tree.settings):
        key = args[1] if function is operator.getitem else tree.settings["key"]
        index = Upright(_key(key.value) if isinstance(key, Constant) else "…")
        return Piece(Row((_at_least(ATOM, args[0]), Fenced(index, "[", "]"))), ATOM)
    if function in OVER_AXES:
        return _over_axes(tree)
    return _call(tree)


def _infix(tree: Apply) -> Piece:
    sign, binds = INFIX[tree.function]
    left = _at_least(binds, tree.args[0])
    right = _at_least(binds if tree.function in ASSOCIATIVE else binds + 1, tree.args[1])
    if binds >= SUM and _piece(tree.args[1]).binds == MINUS:  # two signs never meet
        right = Fenced(right)
    return Piece(Row((left, Sign(sign, spaced=True), right)), binds)


def _over_axes(tree: Apply) -> Piece:
    axis = tree.settings.get("axis")
    sign: Box = Sign(OVER_AXES[tree.function])
    if isinstance(axis, Constant) and axis.value is not None:
        axes = axis.value if isinstance(axis.value, tuple) else (axis.value,)
        sign = Lowered(sign, Upright(", ".join(map(str, axes)).replace("-", "−")))
    return Piece(Row((sign, Space(), _at_least(PRODUCT, tree.args[0]))), PRODUCT)


def _call(tree: Apply) -> Piece:
    """A function by its name, its arguments in brackets; settings by name."""
    items: list[Box] = []
    for one in tree.args:
        several = one.items if isinstance(one, Several) else (one,)
        items += [lay_out(each) for each in several]
    shown = [_setting(name, value) for name, value in tree.settings.items()]
    items += [one for one in shown if one is not None]
    return Piece(Row((Upright(_name(tree.function)), Fenced(_list(items)))), ATOM)


def _setting(name: str, value: Expression) -> Box | None:
    """A setting by name, unless it is None or False, which say nothing."""
    shown: Box
    if isinstance(value, Constant):
        if value.value is None or value.value is False:
            return None
        shown = Upright(_key(value.value)) if name == "key" else lay_out(value)
    else:
        shown = lay_out(value)
    if name == "shape":  # of what is made: reshape(g, shape of x)
        return shown
    return Row((Upright(f"{name} = "), shown))


def _name(function: Any) -> str:
    if function in NAMES:
        return NAMES[function]
    if isinstance(function, type) and issubclass(function, Function):
        ours = function.__module__.startswith("autograd.ops")
        return in_snake_case(function.__name__) if ours else function.__name__
    return str(function.__name__)


def _at_least(binds: int, tree: Expression) -> Box:
    piece = _piece(tree)
    return piece.box if piece.binds >= binds else Fenced(piece.box)


def _list(boxes: list[Box]) -> Box:
    separated: list[Box] = []
    for one in boxes:
        separated += [Sign(", "), one] if separated else [one]
    return Row(tuple(separated))


def _key(key: Any) -> str:
    if isinstance(key, tuple):
        return ", ".join(map(_key, key))
    if isinstance(key, slice):
        parts = ["" if one is None else str(one) for one in (key.start, key.stop, key.step)]
        return ":".join(parts if parts[2] else parts[:2])
    return "…" if key is ... else _text(key)


def _text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"array{value.shape}"
    return str(value).replace("-", "−")
