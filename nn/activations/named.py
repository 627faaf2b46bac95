"""An activation layer from its name, its class, or a layer to be repeated."""

from __future__ import annotations

import copy
from difflib import get_close_matches
from typing import Any

from nn.activations import along_axis, pieces, rectifiers, smooth
from nn.module import Module

NAMES: dict[str, type[Module]] = {
    "relu": rectifiers.ReLU,
    "leaky_relu": rectifiers.LeakyReLU,
    "prelu": rectifiers.PReLU,
    "rrelu": rectifiers.RReLU,
    "elu": rectifiers.ELU,
    "selu": rectifiers.SELU,
    "celu": rectifiers.CELU,
    "sigmoid": smooth.Sigmoid,
    "tanh": smooth.Tanh,
    "arctan": smooth.Arctan,
    "softplus": smooth.Softplus,
    "logsigmoid": smooth.LogSigmoid,
    "softsign": smooth.Softsign,
    "gelu": smooth.GELU,
    "silu": smooth.SiLU,
    "mish": smooth.Mish,
    "tanhshrink": smooth.Tanhshrink,
    "hardtanh": pieces.Hardtanh,
    "relu6": pieces.ReLU6,
    "hardsigmoid": pieces.Hardsigmoid,
    "hardswish": pieces.Hardswish,
    "hardshrink": pieces.Hardshrink,
    "softshrink": pieces.Softshrink,
    "binary_step": pieces.BinaryStep,
    "softmax": along_axis.Softmax,
    "log_softmax": along_axis.LogSoftmax,
    "softmin": along_axis.Softmin,
}


def activation_layer(kind: Any, who: str, name: str = "activation") -> Module:
    """A new activation layer.

    Args:
        kind: a name, as the function has it in `nn.functional` ("relu", "leaky_relu"); a class
            (`nn.ReLU`), or a function without arguments that makes a layer; or a layer, of which a
            copy is made (`nn.LeakyReLU(0.1)`).
        who, name: whose argument it is, and what it is called there, for messages.

    Raises:
        ValueError: an unknown name.
        TypeError: anything else.
    """
    if isinstance(kind, str):
        if kind not in NAMES:
            nearest = get_close_matches(kind.lower(), NAMES, 1)
            meant = f" Did you mean {nearest[0]!r}?" if nearest else ""
            raise ValueError(
                f"{who}: there is no {name} {kind!r}.{meant} Known are {', '.join(NAMES)}; or give "
                f"a class or a layer, such as nn.LeakyReLU(0.1)."
            )
        return NAMES[kind]()
    if isinstance(kind, Module):
        return copy.deepcopy(kind)
    made = None
    if callable(kind):
        try:
            made = kind()
        except TypeError as error:
            called = getattr(kind, "__name__", repr(kind))
            fix = f" Write {called!r}, its name, for that layer." if called in NAMES else ""
            raise TypeError(
                f"{who}: {name} is a name, a class, a layer, or a function without arguments that "
                f"makes a layer; {called} was called without arguments: {error}.{fix}"
            ) from error
    if not isinstance(made, Module):
        raise TypeError(
            f'{who}: {name} is a name such as "relu", a class, a layer, or a function without '
            f"arguments that makes a layer, not {kind!r}."
        )
    return made
