"""Weight normalisation: a weight as a length and a direction, which are learned apart."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import numpy as np

from autograd import Tensor
from autograd.diagnosis import describe
from autograd.ops.norms import EuclideanNorm
from nn.containers import ModuleDict
from nn.module import Module
from nn.parameter import Parameter

M = TypeVar("M", bound=Module)


def weight_norm(module: M, name: str = "weight", dim: int | None = 0) -> M:
    """Let `module` learn a parameter w as w = g · v / ‖v‖, its length g and its direction v apart.

    The function does not change, nor the module's place in a network: `module.weight` is from now
    on worked out from g and v at each use. These are `module.parametrizations.weight.g` and `.v`;
    optimisers and `state_dict` see them by the names that PyTorch has,
    parametrizations.weight.original0 and parametrizations.weight.original1. Do it before an
    optimiser is made.

    Args:
        module: the module that has the parameter as its own attribute.
        name: the parameter.
        dim: the axis along which each entry has a length of its own; 0 in `Linear.weight` means one
            for each unit. None means one for the whole parameter.

    Returns:
        The module itself. `remove_weight_norm` undoes it.

    Raises:
        TypeError: this is not a module.
        ValueError: it has no parameter of that name or axis; the parameter is normalised already;
            a direction is all zeros, which has no length to be divided by.

    Source: Salimans, Kingma, "Weight Normalization: A Simple Reparameterization to Accelerate
    Training of Deep Neural Networks", NIPS 2016.
    """
    if not isinstance(module, Module):
        raise TypeError(f"weight_norm takes a module, such as Linear, not {describe(module)}.")
    weight = vars(module).get(name)
    if not isinstance(weight, Parameter):
        raise _no_parameter(module, name)
    split = WeightNorm(weight, dim)
    delattr(module, name)
    if "parametrizations" not in vars(module):
        module.register_module("parametrizations", ModuleDict())
    vars(module)["parametrizations"][name] = split
    module._name_tensors()
    _show_as_attributes(module)
    return module


def remove_weight_norm(module: M, name: str = "weight") -> M:
    """Undo `weight_norm`: the parameter is one again, with the value that it has now.

    Raises ValueError if it is not normalised.
    """
    parametrizations = vars(module).get("parametrizations", {})
    if name not in parametrizations:
        raise ValueError(
            f"remove_weight_norm: {type(module).__name__}.{name} has no weight normalisation."
        )
    weight = parametrizations.pop(name)().detach()
    if not parametrizations:
        delattr(module, "parametrizations")
    _show_as_attributes(module)
    setattr(module, name, Parameter(weight))
    return module


class WeightNorm(Module):
    """g · v / ‖v‖: what stands in a module for a parameter with weight normalisation.

    Args:
        weight: the parameter that it starts from: g = ‖weight‖ and v = weight.
        dim: as for `weight_norm`.

    Attributes:
        original0, g: g, with the other axes kept as 1; of shape () where `dim` is None.
        original1, v: v, in the weight's shape.
    """

    def __init__(self, weight: Parameter, dim: int | None = 0) -> None:
        if dim is not None and not 0 <= dim < weight.ndim:
            raise ValueError(
                f"weight_norm: dim is one of the {weight.ndim} axes of {describe(weight)}, from 0, "
                f"or None for one length of the whole (PyTorch's -1), not {dim}."
            )
        self.dim = dim
        self.axes = tuple(i for i in range(weight.ndim) if i != dim)
        length = self._length(weight).detach()
        if not length.data.all():
            raise ValueError(
                f"weight_norm: {describe(weight)} has a direction that is all zeros"
                + (
                    ""
                    if dim is None
                    else f", at {np.flatnonzero(length.data == 0)[0]} of axis {dim}"
                )
                + ". Give it other initial values first."
            )
        self.original0 = Parameter(length, weight.requires_grad)
        self.original1 = Parameter(weight.data.copy(), weight.requires_grad)

    @property
    def g(self) -> Parameter:
        """The length."""
        return self.original0

    @property
    def v(self) -> Parameter:
        """The direction."""
        return self.original1

    def forward(self) -> Tensor:
        return self.v * (self.g / self._length(self.v))

    def _length(self, weight: Tensor) -> Tensor:
        return EuclideanNorm.apply(weight, axis=self.axes, keepdims=self.dim is not None)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


# A module shows what it works out as an attribute by being of a subclass that has a property


def _show_as_attributes(module: Module) -> None:
    """Make the module one of the class whose properties are its parametrizations."""
    base: Any = getattr(type(module), "without_parametrizations", type(module))
    names = tuple(vars(module).get("parametrizations", ()))
    module.__class__ = _with_properties(base, names) if names else base


@cache
def _with_properties(base: Any, names: tuple[str, ...]) -> type[Module]:
    """The subclass of `base`, called the same, whose attributes `names` are worked out."""
    body: dict[str, Any] = {name: _worked_out(name) for name in names}
    body |= {
        "__module__": base.__module__,
        "__doc__": base.__doc__,
        "__reduce__": lambda self: (_made_again, (base, names), vars(self)),
        "without_parametrizations": base,
    }
    return type(base.__name__, (base,), body)


def _made_again(base: Any, names: tuple[str, ...]) -> Module:
    """A module, still empty, of the class that `_with_properties` makes: for copies and pickles."""
    return object.__new__(_with_properties(base, names))


def _worked_out(name: str) -> property:
    def value(self: Module) -> Tensor:
        worked_out: Tensor = vars(self)["parametrizations"][name]()
        return worked_out

    def refuse(_: Module, __: Any) -> None:
        raise AttributeError(
            f"{name} is worked out, by weight_norm, from parametrizations.{name}.g, its length, "
            f"and parametrizations.{name}.v, its direction. Give these new values, by copy_; or "
            "first remove_weight_norm(module)."
        )

    return property(value, refuse)


def _no_parameter(module: Module, name: str) -> ValueError:
    if name in vars(module).get("parametrizations", ()):
        return ValueError(
            f"weight_norm: {type(module).__name__}.{name} has weight normalisation already."
        )
    own = [key for key, value in vars(module).items() if isinstance(value, Parameter)]
    fix = f"Its own parameters are {', '.join(own)}." if own else "It has none of its own."
    if not own and any(True for _ in module.parameters()):
        fix += " Apply weight_norm to the layers within it, one by one."
    return ValueError(f"weight_norm: {type(module).__name__} has no parameter {name!r}. {fix}")
