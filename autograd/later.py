"""Names that a package has, and loads when they are first asked for: imports stay light."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def attribute_loader(
    package: str, later: Mapping[str, str], otherwise: str | None = None
) -> Callable[[str], Any]:
    """The `__getattr__` of a package.

    Args:
        package: its name.
        later: by name, the module that has it, or that it is.
        otherwise: a module in which any other name is looked up.
    """
    namespace = vars(sys.modules[package])

    def __getattr__(name: str) -> Any:
        source = later.get(name, otherwise)
        module = None if source is None else importlib.import_module(source)
        if source == f"{package}.{name}":
            found: Any = module
        elif hasattr(module, name):
            found = getattr(module, name)
        else:
            raise AttributeError(  # with what Python needs to suggest another name
                f"module {package!r} has no attribute {name!r}",
                name=name,
                obj=sys.modules[package],
            )
        namespace[name] = found  # from now on without a detour
        return found

    return __getattr__
