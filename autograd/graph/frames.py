"""The calls of a graph in the frames around them: modules, repeated blocks, stretches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Literal

from autograd.graph.data import Call, Description
from autograd.graph.repeats import Repeat, span


@dataclass(frozen=True)
class Frame:
    """Calls that follow one another: a pass through a module, a repeated block, or a stretch.

    Attributes:
        label: the module's path, or which calls these are.
        kind: the module's class, or how many calls of which operation these are.
        times: how many identical blocks stand here as one.
        level: how many modules are around it.
    """

    key: str
    what: Literal["graph", "module", "repeat", "stretch"]
    label: str
    kind: str
    times: int
    level: int
    parts: tuple[Frame | Call, ...]

    @property
    def title(self) -> str:
        """The frame in a few words: "blocks.0…11 · Block × 12"."""
        words = " · ".join(filter(None, (self.label, self.kind)))
        return f"{words} × {self.times}".strip() if self.times > 1 else words

    def calls(self) -> Iterator[Call]:
        """The calls in it, in order."""
        for part in self.parts:
            if isinstance(part, Frame):
                yield from part.calls()
            else:
                yield part

    def frames(self) -> Iterator[Frame]:
        """Itself and the frames in it, the outer ones first."""
        yield self
        for part in self.parts:
            if isinstance(part, Frame):
                yield from part.frames()


@dataclass
class _Open:
    """A frame while calls are put into it."""

    what: Literal["graph", "module", "repeat"]
    identity: object
    label: str = ""
    kind: str = ""
    times: int = 1
    level: int = 0
    parts: list[_Open | Call] = field(default_factory=list)


def frames_of(graph: Description, repeats: Sequence[Repeat] = ()) -> Frame:
    """All calls of a graph, in frames; of repeated blocks those of the first."""
    chains = [_modules_around(graph, call) for call in graph.calls]
    last = list(range(len(chains)))  # the same call in the last of the blocks
    around: dict[int, Repeat] = {}
    copies = set()
    for repeat in repeats:
        end = repeat.start + repeat.length
        for i in range(repeat.start, end):
            last[i], around[i] = i + repeat.length * (repeat.times - 1), repeat
        copies |= set(range(end, end + repeat.length * (repeat.times - 1)))
    outermost = _Open("graph", None)
    stack = [outermost]
    for i, call in enumerate(graph.calls):
        if i in copies:
            continue
        places = [
            _Open("module", path, span(path, twin), graph.modules[path], level=level)
            for level, (path, twin) in enumerate(zip(chains[i], chains[last[i]], strict=True))
        ]
        if i in around:
            repeat = around[i]
            block = chains[repeat.start : repeat.start + repeat.length + 1]  # and the next call
            level = _common(block)
            places.insert(level, _Open("repeat", repeat, times=repeat.times, level=level))
        shared = _common([[one.identity for one in ones] for ones in (stack[1:], places)])
        del stack[shared + 1 :]
        for place in places[shared:]:
            stack[-1].parts.append(place)
            stack.append(place)
        stack[-1].parts.append(call)
    return _closed(outermost, count())


def at_level(frame: Frame, level: int) -> list[Frame]:
    """The modules with so many modules around them."""
    return [one for one in frame.frames() if one.what == "module" and one.level == level]


def deepest_level(frame: Frame) -> int:
    """The level of the calls that are deepest within modules."""
    return max((one.level + 1 for one in frame.frames() if one.what == "module"), default=0)


def cut_up(frame: Frame, closed: set[str], most: int) -> Frame:
    """The frame with its parts in stretches, `most` in each open frame; `closed` are not open."""
    parts: list[Frame | Call] = []
    run: list[Frame | Call] = []
    is_open = [
        isinstance(part, Frame) and part.what == "module" and part.key not in closed
        for part in frame.parts
    ]
    length = -(-is_open.count(False) // most)
    for part, opened in zip(frame.parts, is_open, strict=True):
        if opened or len(run) == length:
            parts += _stretch(run)
            run = []
        if opened:
            assert isinstance(part, Frame)
            parts.append(cut_up(part, closed, most))
        else:
            run.append(part)
    return replace(frame, parts=(*parts, *_stretch(run)))


def _stretch(parts: list[Frame | Call]) -> list[Frame | Call]:
    """Some parts as one."""
    if len(parts) < 2:
        return parts
    first, last = parts[0], parts[-1]
    if all(isinstance(part, Frame) and part.what == "module" for part in parts):
        assert isinstance(first, Frame)
        assert isinstance(last, Frame)
        label, kinds = (
            span(first.label, last.label),
            [p.kind for p in parts if isinstance(p, Frame)],
        )
    else:
        label, kinds = "", [call.op.__name__ for part in parts for call in _calls(part)]
    counted = [f"{n:,} × {kind}" if n > 1 else kind for kind, n in Counter(kinds).most_common()]
    kind = ", ".join(counted[:3]) + ", …" * (len(counted) > 3)
    key = f"s{next(_calls(first)).key}"
    return [Frame(key, "stretch", label, kind, 1, 0, tuple(parts))]


def _calls(part: Frame | Call) -> Iterator[Call]:
    return part.calls() if isinstance(part, Frame) else iter((part,))


def _modules_around(graph: Description, call: Call) -> list[str]:
    """The paths of the modules that a call ran in, the outermost first."""
    if call.module is None:
        return []
    names = call.module.split(".")
    paths = ["", *(".".join(names[: n + 1]) for n in range(len(names)))]
    return [path for path in dict.fromkeys(paths) if path in graph.modules]


def _common(chains: Sequence[Sequence[object]]) -> int:
    """How many things all of these begin with."""
    shared = 0
    for things in zip(*chains, strict=False):
        if any(thing != things[0] for thing in things):
            break
        shared += 1
    return shared


def _closed(frame: _Open, numbers: Iterator[int]) -> Frame:
    key = f"g{next(numbers)}"
    parts = tuple(_closed(p, numbers) if isinstance(p, _Open) else p for p in frame.parts)
    if frame.what == "repeat" and len(parts) == 1 and isinstance(parts[0], Frame):
        return replace(parts[0], times=frame.times)  # the block is a module
    return Frame(key, frame.what, frame.label, frame.kind, frame.times, frame.level, parts)
