"""Tables of wrong calls, each with the whole text of the error that answers it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

Wrong = Callable[[], Any]


class Messages:
    """The rows of one table, and which functions word their messages."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self.worded_by: set[str] = set()

    def row(
        self, worded_by: str, kind: type[BaseException], *lines: str
    ) -> Callable[[Wrong], Wrong]:
        """The function below does the wrong thing; `worded_by` words the answer."""

        def add(wrong: Wrong) -> Wrong:
            self.rows.append(pytest.param(wrong, kind, "\n".join(lines), id=wrong.__name__))
            self.worded_by.add(worded_by)
            return wrong

        return add

    def missing(self, module: ModuleType) -> set[str]:
        """The functions of `module` that word messages and have no row here."""
        functions = inspect.getmembers(module, inspect.isfunction)
        own = {name for name, one in functions if one.__module__ == module.__name__}
        return {name for name in own if not name.startswith("_")} - self.worded_by
