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


def match(form: Any, tree: Any) -> list[Any]:
    """What `tree` has in the places where `form` has its things, in the order of `form`.

    A list in such a place is taken whole, as the numbers of one array. Raises ValueError where a
    container of `form` meets no dict with the same keys, or no list or tuple of the same length.
    """
    if isinstance(form, Mapping) and isinstance(tree, Mapping) and form.keys() == tree.keys():
        pairs = [(value, tree[key]) for key, value in form.items()]
    elif _is_row(form) and _is_row(tree) and len(form) == len(tree):
        pairs = list(zip(form, tree, strict=True))
    elif _is_row(form) or isinstance(form, Mapping):
        raise ValueError(f"{_kind(form)} meets {_kind(tree)}")
    else:
        return [tree]
    return [one for value, given in pairs for one in match(value, given)]


def _is_row(tree: Any) -> bool:
    return isinstance(tree, list | tuple)


def _kind(tree: Any) -> str:
    if isinstance(tree, Mapping):
        return f"a dict with the keys {', '.join(map(repr, tree))}"
    return f"a {type(tree).__name__}" + (f" of length {len(tree)}" if _is_row(tree) else "")


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
