"""Module: a layer or a network is its attributes; there is no registration.

Parameters and modules are found by walking a module's attributes in the order they were set,
through lists, tuples and dicts, whatever the attributes are called (a leading underscore hides
nothing). One that is held in several places is met once, at the first.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Self

import numpy as np

from autograd import Tensor
from autograd.grad_mode import current_mode
from nn.parameter import Parameter


class Unmatched(NamedTuple):
    """The names that `load_state_dict(…, strict=False)` passed over."""

    missing_keys: list[str]
    unexpected_keys: list[str]


class Module:
    """What layers and networks derive from: say what there is, and what `forward` computes.

    Example:
        class Net(Module):
            def __init__(self) -> None:
                self.layers = [Linear(784, 128), ReLU(), Linear(128, 10)]

            def forward(self, x):
                for layer in self.layers:
                    x = layer(x)
                return x

    Each parameter's `name` is its dotted path from the outermost module ("layers.0.weight"), which
    is what drawings and messages call it, and its key in `state_dict`.
    """

    training: bool = True  # switched by train() and eval()

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        if "__init__" in vars(cls):
            cls.__init__ = _then_name_parameters(cls.__init__)  # type: ignore[method-assign]

    def __setattr__(self, name: str, value: Any) -> None:
        if type(value) is Tensor and value.is_leaf and value.requires_grad:
            warnings.warn(
                f"{type(self).__name__}.{name} is a Tensor that requires a gradient, but no "
                f"parameter: optimisers will not see it. Write nn.Parameter(data).",
                stacklevel=2,
            )
        super().__setattr__(name, value)
        if any(True for _ in _held(value, name)):
            self._name_parameters()

    # Running

    def forward(self, *_args: Any, **_kwargs: Any) -> Any:
        """What the module computes; every module defines its own."""
        name = type(self).__name__
        raise NotImplementedError(
            f"{name} has no forward method, so it cannot be called. Say what it computes:\n"
            f"    class {name}(Module):\n"
            f"        def forward(self, x):\n"
            f"            return …"
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        watcher = current_mode().watcher
        if watcher is not None:
            watcher.entered(self)
        try:
            return self.forward(*args, **kwargs)
        except Exception as error:
            if not hasattr(error, "__notes__"):  # by a module within, which is nearer to the cause
                error.add_note(f"  in  {self._place()}")
            raise
        finally:
            if watcher is not None:
                watcher.left(self)

    def _place(self) -> str:
        """Which module this is: its kind, and its path as the names of its parameters tell it."""
        kind = f"{type(self).__name__}({self.extra_repr()})"
        outer = {(p.name or "").removesuffix(path) for path, p in self.named_parameters()}
        path = outer.pop() if len(outer) == 1 else ""  # parameters shared with others may disagree
        return f"{path.rstrip('.')}: {kind}" if path else kind

    def train(self, mode: bool = True) -> Self:
        """Put this module and all within it in training mode (with False, in evaluation mode).

        Dropout acts in training mode only. Raises TypeError if mode is not True or False.
        """
        if not isinstance(mode, bool):
            raise TypeError(
                f"train(mode) switches between training (True) and evaluation (False); it was "
                f"given {type(mode).__name__}. It does not train by itself: that is a loop of "
                "forward, loss, backward and optimizer.step()."
            )
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Put this module and all within it in evaluation mode."""
        return self.train(False)

    # What it holds

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """The parameters with their dotted paths, each once."""
        for path, found in self._walk("", {id(self)}):
            if isinstance(found, Parameter):
                yield path, found

    def parameters(self) -> Iterator[Parameter]:
        """The parameters, each once."""
        return (parameter for _, parameter in self.named_parameters())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules that are attributes, or in a list or dict that is one, with their paths."""
        seen: set[int] = set()
        for path, found in self._attributes():
            if isinstance(found, Module) and id(found) not in seen:
                seen.add(id(found))
                yield path, found

    def children(self) -> Iterator[Module]:
        """The modules that are attributes, or in a list or dict that is one."""
        return (module for _, module in self.named_children())

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """This module, with the path "", and all within it, each once."""
        yield "", self
        for path, found in self._walk("", {id(self)}):
            if isinstance(found, Module):
                yield path, found

    def modules(self) -> Iterator[Module]:
        """This module and all within it, each once."""
        return (module for _, module in self.named_modules())

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Let all parameters learn, or with False freeze them."""
        for parameter in self.parameters():
            parameter.requires_grad = requires_grad
        return self

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters: each becomes None."""
        for parameter in self.parameters():
            parameter.grad = None

    # Saving and loading

    def state_dict(self) -> dict[str, np.ndarray[Any, Any]]:
        """The values of all parameters by dotted path, as copies."""
        return {name: np.array(p.data) for name, p in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> Unmatched:
        """Copy the values of `state`, as `state_dict` gives them, into the parameters.

        Args:
            state: arrays by dotted path, each of its parameter's shape.
            strict: with False, names that only one side has are passed over.

        Returns:
            The names passed over: none, if strict.

        Raises:
            ValueError: names are missing or unexpected (if strict), or values do not fit their
                parameters (always). All are listed, and no parameter is changed.
            TypeError: the state is not a mapping.
        """
        if not isinstance(state, Mapping):
            raise TypeError(
                "load_state_dict takes a dict of arrays by name, as state_dict() gives; "
                f"this is {type(state).__name__}."
            )
        own = dict(self.named_parameters())
        values = {name: np.asarray(state[name]) for name in own if name in state}
        missing = [name for name in own if name not in state]
        unexpected = [name for name in state if name not in own]
        unfit = [name for name, value in values.items() if not _fits(value, own[name])]
        if unfit or (strict and (missing or unexpected)):
            name = type(self).__name__
            lines = [f"{name}.load_state_dict: the state does not fit; nothing was changed."]
            if strict and missing:
                lines.append(f"  missing     {', '.join(missing)}")
            if strict and unexpected:
                lines.append(f"  unexpected  {', '.join(unexpected)}")
            for name in unfit:
                given, here = values[name], own[name]
                lines.append(
                    f"  {name}: {given.shape} {given.dtype} in the state, "
                    f"{here.shape} {here.dtype} here"
                )
            lines.append("  fix  build the module with the layers and sizes that were saved")
            if not unfit:
                lines[-1] += ", or pass strict=False to load the names that both have"
            raise ValueError("\n".join(lines))
        for name, value in values.items():
            own[name].copy_(value)
        return Unmatched(missing, unexpected)

    # Printing

    def extra_repr(self) -> str:
        """What stands in parentheses after the module's name when it is printed."""
        return ""

    def __repr__(self) -> str:
        return self._tree(self.named_children())

    def _tree(self, children: Iterable[tuple[str, Any]]) -> str:
        name, extra = type(self).__name__, self.extra_repr()
        lines = [f"({path}): {child!r}" for path, child in children]
        if not lines:
            return f"{name}({extra})"
        inside = "\n".join([extra, *lines] if extra else lines).replace("\n", "\n  ")
        return f"{name}(\n  {inside}\n)"

    # Walking

    def _attributes(self) -> Iterator[tuple[str, Parameter | Module]]:
        """What the attributes hold, with paths; a module's own contents are left to it."""
        for name, value in list(vars(self).items()):  # the caller may set attributes meanwhile
            yield from _held(value, name)

    def _walk(self, prefix: str, seen: set[int]) -> Iterator[tuple[str, Parameter | Module]]:
        """All parameters and modules within, each before what it holds, if not seen before."""
        for path, found in self._attributes():
            if id(found) not in seen:
                seen.add(id(found))
                yield prefix + path, found
                if isinstance(found, Module):
                    yield from found._walk(f"{prefix}{path}.", seen)

    def _name_parameters(self) -> None:
        """Call each parameter by its path, unless a module further out has named it already."""
        for path, parameter in self.named_parameters():
            if not (parameter.name or "").endswith(f".{path}"):
                parameter.name = path


def _held(value: Any, path: str) -> Iterator[tuple[str, Parameter | Module]]:
    """The parameter or module that `value` is, or those in the list, tuple or dict that it is."""
    if isinstance(value, Parameter | Module):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _held(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for i, inner in enumerate(value):
            yield from _held(inner, f"{path}.{i}")


def _fits(value: np.ndarray[Any, Any], parameter: Parameter) -> bool:
    same_kind = np.can_cast(value.dtype, parameter.dtype, "same_kind")
    return value.shape == parameter.shape and same_kind


def _then_name_parameters(init: Callable[..., None]) -> Callable[..., None]:
    """`init`, after which all parameters have names: also those in lists that it filled late."""

    @functools.wraps(init)
    def __init__(self: Module, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        self._name_parameters()

    return __init__
