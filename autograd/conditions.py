"""Conditions on values, which eager code checks at once and a recording checks at each replay."""

from __future__ import annotations

from typing import Any


def require(holds: Any, message: str) -> None:
    """Raise ValueError with `message` unless `holds`, one truth value.

    A rule or a loss that checks values says so through this, rather than by an `if`, which a
    recording could follow only one way.
    """
    guard = getattr(holds, "__autograd_guard__", None)
    if guard is not None:
        guard(message)
    elif not holds:
        raise ValueError(message)
