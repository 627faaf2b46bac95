"""What activation layers have in common."""

from __future__ import annotations

import inspect

from nn.module import Module


class Activation(Module):
    """A layer that applies a function. It is printed with the settings that it was made with."""

    takes_inplace = True

    def __init__(self) -> None:
        """Most take no settings."""

    def extra_repr(self) -> str:
        settings = inspect.signature(type(self)).parameters
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in settings)
