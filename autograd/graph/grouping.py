"""Folding a graph until a picture of it can be taken in: by module, repetition and stretches."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from autograd.graph.data import Description, Edge, Variable
from autograd.graph.frames import Frame, at_level, cut_up, deepest_level, frames_of
from autograd.graph.repeats import find_repeats, merge

MOST_BOXES = 60  # that a picture has by default
STRETCHES = (20, 10, 5, 2, 1)  # into how many the calls of a frame are cut


@dataclass(frozen=True)
class Picture:
    """What is shown of a graph.

    Attributes:
        graph: the variables, calls and edges that are shown; what leads into a folded frame, or out
            of it, begins or ends at that frame's key.
        root: the frames.
        folded: those that are shown as one box, by key.
        frame_of: the keys of the innermost open frames of variables and calls that stand in one.
        note: what is folded; empty if nothing is.
    """

    graph: Description
    root: Frame
    folded: dict[str, Frame]
    frame_of: dict[str, str]
    note: str

    @property
    def boxes(self) -> int:
        """How many there are to look at."""
        return len(self.graph.variables) + len(self.graph.calls) + len(self.folded)

    def directly_in(self, frame: Frame) -> list[str]:
        """The keys of what stands in a frame, but in no frame within it."""
        keys = (*self.graph.variable, *self.graph.call, *self.folded)
        return [key for key in keys if self.frame_of.get(key, self.root.key) == frame.key]

    def is_drawn(self, frame: Frame) -> bool:
        """Whether there is a line around a frame: not if it only holds one single thing."""
        if frame.key in self.folded:
            return False
        return frame.times > 1 or sum(len(self.directly_in(one)) for one in frame.frames()) > 1


def fold(graph: Description, depth: int | None = None, identical: bool = True) -> Picture:
    """The graph as a picture shows it.

    Args:
        graph: the whole of it.
        depth: how many levels of modules are open; 0 leaves each outermost module one box. By
            default as many as leave about 60 boxes; before that, repeated blocks stand once, and
            where it does not suffice, stretches of calls become boxes too.
        identical: whether blocks that look alike are the same; not so if their numbers are shown.

    Raises:
        ValueError: depth is no whole number from 0 on.
    """
    if depth is None:
        for picture in _ever_simpler(graph, identical):
            if picture.boxes <= MOST_BOXES:
                break
        return picture
    if not isinstance(depth, int) or depth < 0:
        raise ValueError(
            f"depth says how many levels of modules are open: 0, 1, 2, … It cannot be {depth!r}."
        )
    root = frames_of(graph)
    return _picture(graph, root, at_level(root, depth), len(graph.calls))


def _ever_simpler(graph: Description, identical: bool) -> Iterator[Picture]:
    """Pictures with fewer and fewer boxes."""
    total = len(graph.calls)
    repeats = find_repeats(graph) if identical and _boxes(graph) > MOST_BOXES else []
    merged, repeated = merge(graph, repeats)
    root = frames_of(graph, repeats)
    for level in range(deepest_level(root), -1, -1):
        closed = at_level(root, level)
        yield _picture(merged, root, closed, total, repeated)
        for most in STRETCHES if level < 2 else ():
            cut = cut_up(root, {one.key for one in closed}, most)
            stretches = [one for one in cut.frames() if one.what == "stretch"]
            yield _picture(merged, cut, [*stretches, *closed], total, repeated)


def _boxes(graph: Description) -> int:
    return len(graph.variables) + len(graph.calls)


def _picture(
    graph: Description,
    root: Frame,
    closed: Iterable[Frame],
    total: int,
    repeated: frozenset[str] = frozenset(),
) -> Picture:
    folded, box_of = _boxes_of_calls(graph, closed)
    around = dict(_open_frames(root, (), folded))
    frame_of = {key: frames[-1].key for key, frames in around.items() if frames}
    shown = []
    for variable in graph.variables:
        joined = [e.source for e in graph.edges_to[variable.key]]
        joined += [e.target for e in graph.edges_from[variable.key]]
        boxes = {box_of[key] for key in joined}
        if variable.key in graph.outputs:  # which leave all frames
            shown.append(variable)
            continue
        hidden_in = folded.get(next(iter(boxes))) if len(boxes) == 1 else None
        if hidden_in and _belongs(variable, hidden_in, repeated):
            continue
        shown.append(variable)
        for frame in _in_common([around[box] for box in boxes]):
            if _belongs(variable, frame, repeated):
                frame_of[variable.key] = frame.key
                break
    bundles = _bundles(graph, shown, box_of, folded)
    shown = [one for one in shown if one.key not in bundles]
    calls_shown = [call for call in graph.calls if box_of[call.key] == call.key]
    boxes_shown = {*(one.key for one in shown), *box_of.values()}
    edges = tuple(_edges_between(graph, box_of | bundles, boxes_shown))
    picture = replace(graph, variables=tuple(shown), calls=tuple(calls_shown), edges=edges)
    return Picture(picture, root, folded, frame_of, _note(graph, len(calls_shown), total, repeated))


def _boxes_of_calls(
    graph: Description, closed: Iterable[Frame]
) -> tuple[dict[str, Frame], dict[str, str]]:
    """The frames that are folded, by key, and the box that each call stands in: one, or its own."""
    folded: dict[str, Frame] = {}
    box_of = {call.key: call.key for call in graph.calls}
    for frame in closed:
        inside = [call.key for call in frame.calls()]
        if box_of[inside[0]] == inside[0]:  # not within one that is folded already
            folded[frame.key] = frame
            box_of |= dict.fromkeys(inside, frame.key)
    return folded, box_of


def _in_common(chains: Sequence[tuple[Frame, ...]]) -> list[Frame]:
    """The frames that all of these begin with, the innermost first."""
    shared = []
    for frames in zip(*chains, strict=False):
        if any(frame is not frames[0] for frame in frames):
            break
        shared.append(frames[0])
    return shared[::-1]


def _bundles(
    graph: Description, shown: Iterable[Variable], box_of: dict[str, str], folded: Container[str]
) -> dict[str, str]:
    """The results of a folded frame that the same boxes take, by key: the frame stands for them."""
    bundles: dict[tuple[str, frozenset[str]], list[str]] = {}
    for variable in shown:
        made_by = [box_of[edge.source] for edge in graph.edges_to[variable.key]]
        taken_by = frozenset(box_of[edge.target] for edge in graph.edges_from[variable.key])
        if made_by and made_by[0] in folded and variable.key not in graph.outputs:
            bundles.setdefault((made_by[0], taken_by), []).append(variable.key)
    return {key: box for (box, _), keys in bundles.items() if len(keys) > 1 for key in keys}


def _open_frames(
    frame: Frame, around: tuple[Frame, ...], folded: dict[str, Frame]
) -> Iterator[tuple[str, tuple[Frame, ...]]]:
    """The boxes that calls stand in, each with the open frames around it."""
    for part in frame.parts:
        if not isinstance(part, Frame) or part.key in folded:
            yield part.key, around
        else:
            yield from _open_frames(part, (*around, part), folded)


def _belongs(variable: Variable, frame: Frame, repeated: frozenset[str]) -> bool:
    """Whether a variable that only calls within a frame use is a matter of that frame alone.

    What comes from outside, such as data, is not: only parameters, which are called after their
    module, what has no name, and what each of repeated blocks has one of.
    """
    if not variable.is_leaf or not variable.name or frame.what == "stretch":
        return True
    if frame.what == "repeat":
        return variable.key in repeated
    return f".{frame.label}." in f".{variable.name}" if frame.label else "." in variable.name


def _edges_between(graph: Description, box_of: dict[str, str], shown: set[str]) -> Iterator[Edge]:
    """The edges that are shown; one where several join the same two boxes of a folded frame."""
    made_in = {edge.target: box_of[edge.source] for edge in graph.edges if edge.source in box_of}
    joined: dict[tuple[str, str], Edge] = {}
    for edge in graph.edges:
        source, target = box_of.get(edge.source, edge.source), box_of.get(edge.target, edge.target)
        if (source, target) == (edge.source, edge.target):
            yield edge
        elif {source, target} <= shown and target not in (source, made_in.get(edge.source)):
            before = joined.get((source, target))
            flows = edge.has_gradient or bool(before and before.has_gradient)
            joined[source, target] = Edge(source, target, "", flows, edge.is_cut and not flows)
    yield from joined.values()


def _note(graph: Description, alone: int, total: int, repeated: frozenset[str]) -> str:
    if alone == total:
        return ""
    words = [f"{total - alone:,} of {total:,} calls are folded."]
    if repeated:
        words.append("Of identical blocks one after the other, the first is shown.")
    if graph.modules:
        words.append("With depth=1, 2, … modules are opened level by level.")
    return " ".join(words)
