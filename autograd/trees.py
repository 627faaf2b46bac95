"""Nested lists, tuples and dicts of Tensors, seen as one flat list and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any


def leaves(tree: Any) -> list[Any]:
    """The things in the nested containers, in order."""
    return list(_walk(tree))


def _walk(tree: Any) -> Iterator[Any]:
    if isinstance(tree, Mapping):
        for value in tree.values():
            yield from _walk(value)
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from _walk(value)
    else:
        yield tree


def rebuild(tree: Any, things: Iterator[Any]) -> Any:
    """A tree of the same form with the next of `things` in each place."""
    if isinstance(tree, Mapping):
        return {key: rebuild(value, things) for key, value in tree.items()}
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):  # a named tuple
        return type(tree)(*(rebuild(value, things) for value in tree))
    if isinstance(tree, list | tuple):
        return type(tree)(rebuild(value, things) for value in tree)
    return next(things)


def transform(function: Callable[[Any], Any], tree: Any) -> Any:
    """The tree with `function` of each thing in its place."""
    return rebuild(tree, iter([function(one) for one in leaves(tree)]))
