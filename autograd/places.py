"""Where in the user's program something happens: the source line, its variables, the module.

Looked up only for those who listen (see `watching`): a look at the stack takes microseconds.
"""

from __future__ import annotations

import linecache
import os
import sys
import warnings
from collections.abc import Mapping
from inspect import CO_OPTIMIZED
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from autograd.tensor import Tensor

LIBRARY = frozenset(("autograd", "nn", "optim"))  # whose frames are not the user's
LONGEST = 1000  # entries of a list that is searched for Tensors; longer ones are data


class Line(NamedTuple):
    """A line of the user's source: file, number (from 1), and the function that it is in."""

    file: str
    number: int
    function: str

    @property
    def text(self) -> str:
        """What stands there, without indentation; "" if the source is not at hand."""
        return linecache.getline(self.file, self.number).strip()

    def __str__(self) -> str:
        folder, name = os.path.split(self.file)
        if os.path.basename(folder).startswith("ipykernel_"):  # a cell of a notebook
            return f"cell, line {self.number}"
        return f"{name}:{self.number}"


def user_frame() -> FrameType | None:
    """The innermost frame on the stack that runs the user's code rather than this library's."""
    frame: FrameType | None = sys._getframe(1)
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] in LIBRARY:
        frame = frame.f_back
    return frame


def line_of(frame: FrameType | None) -> Line | None:
    """The line that a frame is running."""
    if frame is None:
        return None
    return Line(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


def warn(text: str) -> None:
    """Warn at the line of the user's code that is running."""
    frame = user_frame()
    if frame is None:
        warnings.warn(text, stacklevel=2)
        return
    shown = frame.f_globals.setdefault("__warningregistry__", {})  # so that a line warns once
    warnings.warn_explicit(
        text, UserWarning, frame.f_code.co_filename, frame.f_lineno, registry=shown
    )


def in_backward() -> bool:
    """Whether a backward pass is going on: what rules and hooks compute happens within it."""
    frame: FrameType | None = sys._getframe(1)
    while frame and frame.f_globals.get("__name__") != "autograd.engine":
        frame = frame.f_back
    return frame is not None


def variables(frame: FrameType) -> dict[str, Any]:
    """What the code in a frame has names for: its local variables, the globals that it uses."""
    code, seen = frame.f_code, frame.f_locals
    found = {name: frame.f_globals[name] for name in code.co_names if name in frame.f_globals}
    if not code.co_flags & CO_OPTIMIZED:  # a module's or class's variables are all looked up
        return found | {name: seen[name] for name in code.co_names if name in seen}
    found |= seen
    # Before Python 3.13, `f_locals` is a dict that the frame holds on to, and with it everything
    # that the variables held at this moment. Nobody else looks at it: three references are the
    # frame's, ours and the call's.
    if isinstance(seen, dict) and sys.getrefcount(seen) == 3:
        seen.clear()
    return found


def parts_of(name: str, value: Any) -> dict[str, Any]:
    """The Tensors and arrays that `value` is or directly holds, by the expression for each."""
    if isinstance(value, Tensor | np.ndarray):
        return {name: value}
    items: Mapping[str, Any] = {}
    if isinstance(value, list | tuple) and len(value) <= LONGEST:
        items = {f"{name}[{i}]": one for i, one in enumerate(value)}
    elif isinstance(value, dict) and len(value) <= LONGEST:
        items = {f"{name}[{key!r}]": one for key, one in value.items()}
    return {n: one for n, one in items.items() if isinstance(one, Tensor | np.ndarray)}


class ModulePlace(NamedTuple):
    """A module by its dotted path within the outermost one (itself ""), and its kind."""

    path: str
    kind: str

    def __str__(self) -> str:
        return f"{self.path} ({self.kind})" if self.path else self.kind


class Modules:
    """Which module's forward pass is running. To be told what a watcher is told.

    Attributes:
        kinds: the kinds of the modules that ran, by path; where several outermost modules have the
            same path, that of the first.
    """

    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}
        self._paths: dict[int, str] = {}  # of what the outermost module holds
        self._running: list[ModulePlace] = []

    @property
    def current(self) -> ModulePlace | None:
        """The innermost module that is running; None outside of modules."""
        return self._running[-1] if self._running else None

    def entered(self, module: Any) -> None:
        """A module's forward pass begins."""
        if not self._running:
            self._paths = {id(one): path for path, one in module.named_modules()}
        kind = type(module).__name__
        path = self._paths.get(id(module))
        if path is None:  # made on the way: nobody's attribute
            path = f"{self._running[-1].path}.({kind})".lstrip(".")
        self._running.append(ModulePlace(path, kind))
        self.kinds.setdefault(path, kind)

    def left(self) -> None:
        """The innermost module's forward pass is over."""
        if self._running:  # a module may have been running before anybody listened
            self._running.pop()
