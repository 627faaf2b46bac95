"""What is seen at a step: cards with arrays and formulas, in groups; and what values are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from autograd.graph.notation import INFIX, is_number, label_of, settings_of
from autograd.graph.numbers import brief, number
from autograd.ops import GetItem
from autograd.symbols import Formula
from autograd.symbols.expression import Apply, Name, Several
from autograd.tape import Call, Value
from autograd.tracing.labels import in_snake_case

Array = Any
Role = Literal[
    "input", "output", "upstream", "kept", "local", "sent", "before", "now", "sum", "gradient"
]
Names = dict[Value, str]


@dataclass(frozen=True)
class Card:
    """One array of a step, or one formula, or both."""

    role: Role
    name: str  # the operation's name for it: "x", "out", "g"
    of: str = ""  # the program's name for it
    array: Array = None
    sign: str = ""  # that stands before it: "×", "=", "+"
    formula: Formula | None = None
    row_axes: int | None = None  # of a Jacobian, those of the output
    note: str = ""


@dataclass(frozen=True)
class Group:
    """Cards that belong together, in rows."""

    title: str
    rows: tuple[tuple[Card, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Step:
    """What is seen at one step; `said` says the same in words."""

    kind: Literal["start", "forward", "backward", "end"]
    title: str
    said: str
    groups: tuple[Group, ...]
    notes: tuple[str, ...] = ()
    call: Call | None = None
    formula: Formula | None = None


def names_of(outside: Sequence[Value], calls: Sequence[Call]) -> Names:
    """What each value is called: as in the program, and by a number where that is not unique."""
    modules = {
        x: call.module_kind
        for call in reversed(calls)
        for x in call.inputs.values()
        if isinstance(x, Value)
    }
    short = {x: x.name or (f"from {modules[x]}" if modules[x] else "input") for x in outside}
    short |= {x: x.name or "" for call in calls for x in call.outputs.values()}
    common = Counter(short[x] for x in outside)
    names = {
        x: short[x] if common[short[x]] == 1 else f"{short[x]} {i}"
        for i, x in enumerate(outside, 1)
    }
    common = Counter(short.values())
    for i, call in enumerate(calls, 1):
        for output, x in call.outputs.items():
            number = f"#{i}.{output}" if len(call.outputs) > 1 else f"#{i}"
            unique = short[x] and common[short[x]] == 1
            names[x] = short[x] if unique else f"{short[x]} {number}".strip()
    return names


def told(array: Array) -> str:
    """An array in words: its entries if they are few, else its shape and range."""
    words = brief(array)
    return words if array.size == 1 or words.startswith("[") else f"{array.shape}, {words}"


def label_of_call(call: Call) -> tuple[str, tuple[str, ...]]:
    """The operation as drawings have it, and the settings that are not as by default."""
    shapes = {name: x.shape for name, x in call.inputs.items() if isinstance(x, Value)}
    numbers = {name: x for name, x in call.inputs.items() if is_number(x)}
    ndim = max(map(len, (*shapes.values(), *(x.shape for x in call.outputs.values()))))
    label = label_of(call.op, shapes, numbers, call.settings)
    return label, settings_of(call.op, shapes, numbers, call.settings, ndim)


def written(call: Call, names: Names) -> str:
    """The call as the program might have it: "h = relu(#1)"."""
    arrays = {name: names[x] for name, x in call.inputs.items() if isinstance(x, Value)}
    made = ", ".join(names[x] for x in call.outputs.values())
    if call.op in INFIX and len(call.inputs) == 2:
        left, right = (arrays.get(n) or number(x) for n, x in call.inputs.items())
        return f"{made} = {left} {INFIX[call.op]} {right}"
    if call.op is GetItem:
        return f"{made} = {arrays['x']}{label_of_call(call)[0]}"
    given = ", ".join((*arrays.values(), *label_of_call(call)[1]))
    return f"{made} = {in_snake_case(call.op.__name__)}({given})"


def readable(formula: Callable[[], Any]) -> Any:
    """What `formula` gives, or None: a rule that someone wrote may not be made for symbols."""
    try:
        return formula()
    except Exception:
        return None


def names_in(formula: Formula) -> set[str]:
    """The names of values that a formula has in it."""
    found, todo = set(), [formula.tree]
    for tree in todo:  # the list grows while it is read
        match tree:
            case Name(text):
                found.add(text)
            case Several(items):
                todo += items
            case Apply(_, args, settings):
                todo += [*args, *settings.values()]
    return found


def count(number: int, thing: str) -> str:
    """ "1 call", "12 calls"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
