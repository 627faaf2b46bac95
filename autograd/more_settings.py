"""Settings of NumPy's functions that few calls have, and that are seen to by other operations."""

from __future__ import annotations

import importlib
from typing import Any

from autograd import diagnosis
from autograd.rules import parameters


def with_more(
    op: Any, inputs: tuple[Any, ...], settings: dict[str, Any], more: dict[str, Any]
) -> Any:
    """A call of an operation with settings that it does not have itself.

    `where` and `initial` of reductions are made of other operations, which are loaded when first
    asked for. Raises TypeError for anything else.
    """
    if more.keys() <= {"where", "initial"}:
        masked = importlib.import_module("autograd.vocabulary.masked").MASKED
        if op in masked and more.keys() <= {*parameters(masked[op])}:
            return masked[op](*inputs, **settings, **more)
    raise diagnosis.unknown_settings(op, inputs, more)
