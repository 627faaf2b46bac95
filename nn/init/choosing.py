"""The argument `init` of layers: a name, or a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from autograd import Tensor
from nn.init import filling, matrices, scaled

if TYPE_CHECKING:
    from numpy.random import Generator

Init = str | Callable[..., Any]

NAMES: dict[str, Callable[..., Tensor]] = {
    function.__name__.rstrip("_"): function
    for function in (
        *(filling.zeros_, filling.ones_, filling.constant_, filling.uniform_, filling.normal_),
        *(filling.trunc_normal_, matrices.eye_, matrices.orthogonal_, matrices.sparse_),
        *(scaled.xavier_uniform_, scaled.xavier_normal_),
        *(scaled.kaiming_uniform_, scaled.kaiming_normal_),
        *(scaled.lecun_uniform_, scaled.lecun_normal_),
    )
}
# These cannot do without a number; what to write instead.
NEED_MORE = {"constant": "val=0.1", "sparse": "k=15"}


def initialize(tensor: Tensor, init: Init, who: str, generator: Generator | None = None) -> Tensor:
    """Fill a parameter as the argument `init` of a layer says.

    Args:
        tensor: the parameter.
        init: the name of a function in this module ("xavier_uniform"), or a function of the
            parameter, which fills it in place or returns the values; further settings by
            `functools.partial(nn.init.xavier_uniform_, gain=5 / 3)`.
        who: the layer, for messages.
        generator: given to the function if it takes one by this name.

    Returns:
        The parameter.

    Raises:
        ValueError: an unknown name, or that of a function which needs further settings.
        TypeError: neither a name nor a function.
    """
    function = _named(init, who) if isinstance(init, str) else init
    if not callable(function):
        raise TypeError(
            f"{who}: init is the name of a function in nn.init, or a function that fills the "
            f"weight, not {init!r}."
        )
    given = {"generator": generator} if "generator" in _parameters(function) else {}
    try:
        values = function(tensor, **given)
        return tensor if values is None or values is tensor else tensor.copy_(values)
    except Exception as error:
        error.add_note(f"  in  the init of {who}, which was given the weight, {tensor.shape}")
        raise


def start(
    weight: Tensor, bias: Tensor | None, init: Init | None, who: str, generator: Generator | None
) -> None:
    """Give the weight (n_out, n_in, ...) and the bias of a layer their first values.

    Without `init` both are uniform between ±1/√n_in, as in PyTorch; with it the bias is zero.
    Raises as `initialize` does.
    """
    if init is not None:
        initialize(weight, init, who, generator)
        if bias is not None:
            filling.zeros_(bias)
        return
    bound = weight.shape[1] ** -0.5
    for parameter in (weight, bias):
        if parameter is not None:
            filling.uniform_(parameter, -bound, bound, generator)


def _named(name: str, who: str) -> Callable[..., Any]:
    plain = name.rstrip("_")
    if plain in NEED_MORE:
        example = f"functools.partial(nn.init.{plain}_, {NEED_MORE[plain]})"
        raise ValueError(f"{who}: init={name!r} needs a number; write init={example}.")
    if plain not in NAMES:
        nearest = get_close_matches(plain.lower(), NAMES, 1)
        meant = f" Did you mean {nearest[0]!r}?" if nearest else ""
        raise ValueError(
            f"{who}: there is no init {name!r}.{meant} Known are {', '.join(NAMES)}; or give a "
            "function that fills the weight."
        )
    return NAMES[plain]


def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters; of one written in C, none."""
    try:
        return tuple(inspect.signature(function).parameters)
    except ValueError:
        return ()
