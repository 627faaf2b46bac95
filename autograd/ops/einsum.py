"""Einstein summation: one operation, whose gradients are Einstein summations again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from string import ascii_letters
from typing import Any

import numpy as np

from autograd.broadcasting import Shape
from autograd.function import Array, Function
from autograd.ops.indexing import ScatterAdd


@cache
def explicit(subscripts: str, ndims: tuple[int, ...]) -> str:
    """`subscripts` with every axis and the result spelled out: "...i,i" may become "ai,i->a".

    Raises ValueError if they do not fit the arrays, which have as many axes as `ndims` says.
    """
    left, arrow, out = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(ndims):
        raise ValueError(
            f"the subscripts {subscripts!r} name {len(terms)} arrays, and there are {len(ndims)}"
        )
    pairs = zip(terms, ndims, strict=True)
    hidden = [n - len(term.replace("...", "")) if "..." in term else 0 for term, n in pairs]
    if min(hidden) < 0:
        raise ValueError(f"an array has fewer axes than the subscripts {subscripts!r} name")
    widest = max(hidden)
    if arrow and widest and "..." not in out:
        raise ValueError(f"the axes that ... stands for have no place in the result {out!r}")
    dots = "".join(unused(subscripts)[:widest])
    if not arrow:
        counts = Counter(left.replace(".", "").replace(",", ""))
        out = "..." + "".join(sorted(letter for letter, n in counts.items() if n == 1))
    filled = [
        term.replace("...", dots[widest - n :]) for term, n in zip(terms, hidden, strict=True)
    ]
    return f"{','.join(filled)}->{out.replace('...', dots)}"


def unused(subscripts: str) -> list[str]:
    """The letters that do not stand in `subscripts`."""
    return [letter for letter in ascii_letters if letter not in subscripts]


class Einsum(Function):
    """Sum of products over named axes, as `np.einsum`, with every kind of subscripts.

    Letters that the result does not name are summed over; a letter twice in one operand takes its
    diagonal. In the gradient of an operand, the upstream gradient stands in the operand's place,
    and result and operand have changed roles.
    """

    batched = True
    inputs = ("*arrays",)
    settings = ("subscripts", "optimize")
    normalize = {
        "subscripts": lambda subscripts, arrays: explicit(subscripts, tuple(a.ndim for a in arrays))
    }

    def forward(*arrays: Array, subscripts: str, optimize: Any = False) -> Array:
        try:  # in C order, so that sums are taken in one order wherever the result goes
            return np.einsum(subscripts, *arrays, order="C", optimize=optimize)
        except ValueError as error:
            raise ValueError(clash(subscripts, arrays) or str(error)) from error

    gradients = {
        "arrays": lambda g, arrays, arrays_shape, subscripts, optimize: WhenAsked(
            lambda i: gradient_of(i, g, arrays, arrays_shape, subscripts, optimize is not False)
        )
    }


class WhenAsked:
    """A list whose entries are computed when they are asked for: not every one is wanted."""

    def __init__(self, entry: Callable[[int], Array]) -> None:
        self.entry = entry

    def __getitem__(self, i: int) -> Array:
        return self.entry(i)


def gradient_of(
    i: int, g: Array, arrays: Sequence[Array], shapes: list[Shape], subscripts: str, optimize: bool
) -> Array:
    """The gradient of operand `i`; axes of g before those that the subscripts name are kept."""
    left, out = subscripts.split("->")
    terms = left.split(",")
    lengths = lengths_of(terms[i], shapes[i])
    others = [pair for j, pair in enumerate(zip(terms, shapes, strict=True)) if j != i]
    operands = [g if j == i else one for j, one in enumerate(arrays)]
    names = [f"...{out}" if j == i else term for j, term in enumerate(terms)]
    # Along a letter that no other operand lends its length, the gradient repeats.
    for letter, n in lengths.items():
        met = [lengths_of(term, shape).get(letter, 1) for term, shape in others]
        if letter not in out and all(length == 1 for length in met):
            operands.append(np.ones_like(g, shape=(n,)))
            names.append(letter)
    # Where a letter repeats, the gradient lies on the diagonal: an identity joins two letters.
    fresh = unused(subscripts)
    mine = [x if j == terms[i].index(x) else fresh[j] for j, x in enumerate(terms[i])]
    for letter, other in zip(terms[i], mine, strict=True):
        if letter != other:
            operands.append(identity(lengths[letter], g))
            names.append(letter + other)
    text = f"{','.join(names)}->...{''.join(mine)}"
    return Einsum.call(*operands, subscripts=text, optimize=optimize)


def identity(n: int, like: Array) -> Array:
    """The identity matrix of size n, of the dtype and kind of `like`."""
    ones = np.ones_like(like, shape=(n,))
    return ScatterAdd.call(ones, key=slice(None, None, n + 1), shape=(n * n,)).reshape((n, n))


def lengths_of(term: str, shape: Shape) -> dict[str, int]:
    """How long the axes are that the letters of one operand name, its last ones."""
    return dict(zip(term, shape[len(shape) - len(term) :], strict=True))


def clash(subscripts: str, arrays: Sequence[Array]) -> str | None:
    """Which letter stands for two lengths, or has no length; None if each has one."""
    left, out = subscripts.split("->")
    terms = left.split(",")
    found: dict[str, int] = {}
    for term, array in zip(terms, arrays, strict=True):
        if len(term) != array.ndim:
            return f"the subscripts {term!r} are for {len(term)} axes, and shape is {array.shape}"
        for letter, n in zip(term, array.shape, strict=True):
            if n != 1 and found.setdefault(letter, n) != n:
                return f"the letter {letter!r} stands for lengths {found[letter]} and {n}"
    strangers = [letter for letter in out if letter not in left]
    if strangers:
        return f"the result names {strangers[0]!r}, which no operand has"
    twice = [letter for letter, n in Counter(out).items() if n > 1]
    return f"the result names {twice[0]!r} twice" if twice else None
