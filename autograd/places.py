"""Where in the user's code something happens."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path
from types import FrameType
from typing import NamedTuple

PACKAGES = frozenset(("autograd", "nn", "optim"))


class Line(NamedTuple):
    """A line of the user's code.

    Attributes:
        file, number: where it is; the number counts from 1.
        text: the line itself, stripped; "" where the source is not to be had.
        function: the function that it is in, "<module>" outside of any.
    """

    file: str
    number: int
    text: str
    function: str

    def __str__(self) -> str:
        text = f": {self.text}" if self.text else ""
        return f"{Path(self.file).name}, line {self.number}, in {self.function}{text}"


def user_frame() -> FrameType | None:
    """The innermost frame that runs code from outside of these packages."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        # The texts of `apply` have no module of their own.
        module = frame.f_globals.get("__name__") or "autograd"
        if module.partition(".")[0] not in PACKAGES:
            return frame
        frame = frame.f_back
    return None


def user_line() -> Line | None:
    """The line of the user's code that is running."""
    frame = user_frame()
    if frame is None:
        return None
    code = frame.f_code
    text = linecache.getline(code.co_filename, frame.f_lineno, frame.f_globals).strip()
    return Line(code.co_filename, frame.f_lineno, text, code.co_name)
