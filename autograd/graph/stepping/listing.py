"""The user's source around the lines that were running."""

from __future__ import annotations

import ast
import linecache
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from autograd.places import Line

LONGEST = 60  # lines of a function that is shown whole
AROUND = 2  # lines shown around those that ran, where it is longer


@dataclass(frozen=True)
class Listing:
    """A function's source, or of a module the lines that ran; with line numbers."""

    title: str
    lines: tuple[tuple[int, str], ...]


def listings(lines: Iterable[Line]) -> dict[tuple[str, str], Listing]:
    """The source that `lines` stand in, by file and function; without those that have none."""
    places: dict[tuple[str, str], list[int]] = {}
    for line in lines:
        places.setdefault((line.file, line.function), []).append(line.number)
    found = {}
    for (file, function), numbers in places.items():
        source = [text.rstrip("\n") for text in linecache.getlines(file)]
        if len(source) < max(numbers):
            continue
        first, last = _extent(source, function, min(numbers), max(numbers))
        shown = textwrap.dedent("\n".join(source[first - 1 : last])).split("\n")
        whole = last - first < LONGEST
        kept = tuple(
            (number, text)
            for number, text in enumerate(shown, first)
            if whole or any(abs(number - ran) <= AROUND for ran in numbers)
        )
        title = file.replace("\\", "/").rpartition("/")[2]
        found[file, function] = Listing(function if function.isidentifier() else title, kept)
    return found


def _extent(source: list[str], function: str, low: int, high: int) -> tuple[int, int]:
    """The first and the last line of the function, or of the statements around its lines."""
    try:
        tree = ast.parse("\n".join(source))
    except SyntaxError:  # a notebook's cell with commands in it
        return low, high
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= low and high <= (node.end_lineno or 0)
    ]
    functions = [one for one in around if getattr(one, "name", None) == function]
    if functions:
        return functions[-1].lineno, functions[-1].end_lineno or high
    if around and function == "<lambda>":
        return around[-1].lineno, around[-1].end_lineno or high
    return low, high
