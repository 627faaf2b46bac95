"""The names that Python code looks things up by."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType
from typing import NamedTuple

GLOBALS = ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "DELETE_GLOBAL")
ATTRIBUTES = ("LOAD_METHOD", "IMPORT_FROM")  # beside those that end in _ATTR
# What is looked up by instructions that do not name it.
IMPLIED = {"COMPARE_OP": "__eq__", "CONTAINS_OP": "__eq__"}
# With one of these, code gets at attributes that it does not name.
ANY_ATTRIBUTE = frozenset(
    (
        *("getattr", "setattr", "delattr", "hasattr", "vars", "dir", "__dict__", "eval", "exec"),
        *("asdict", "astuple", "fields", "attrgetter", "dumps"),
    )
)


class Names(NamedTuple):
    """What code asks for, also in functions within it, in order.

    Attributes:
        globals: names of globals, and of what is built in.
        modules: those that it imports.
        attributes: names of attributes, of all things; and texts, which `getattr` and patterns
            may be given.
    """

    globals: tuple[str, ...]
    modules: tuple[str, ...]
    attributes: frozenset[str]


@lru_cache(1000)
def names_in(code: CodeType) -> Names:
    """The names in a function's code."""
    found: dict[str, list[str]] = {"globals": [], "modules": [], "attributes": []}
    for kind, name in _walk(code):
        found[kind].append(name)
    every = frozenset(found["attributes"])
    return Names(_once(found["globals"]), _once(found["modules"]), every)


def _walk(code: CodeType) -> Iterator[tuple[str, str]]:
    for step in dis.get_instructions(code):
        if step.opname in GLOBALS:
            yield "globals", step.argval
            if step.argval in ANY_ATTRIBUTE:
                yield "attributes", step.argval
        elif step.opname in ATTRIBUTES or step.opname.endswith("_ATTR"):
            yield "attributes", step.argval
        elif step.opname == "IMPORT_NAME":
            yield "modules", step.argval
        elif step.opname in IMPLIED:
            yield "attributes", IMPLIED[step.opname]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _walk(constant)
        for text in constant if isinstance(constant, tuple) else (constant,):
            if isinstance(text, str):
                yield "attributes", text


def _once(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
