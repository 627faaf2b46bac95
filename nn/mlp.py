"""The multilayer perceptron."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nn.activations import activation_layer
from nn.batch_norm import BatchNorm1d
from nn.checks import probability, whole_number
from nn.containers import Sequential
from nn.dropout import Dropout
from nn.init import Init
from nn.linear import Linear
from nn.module import Module
from nn.normalization import LayerNorm

NORMS: dict[str, Callable[..., Module]] = {"batch": BatchNorm1d, "layer": LayerNorm}


class MLP(Sequential):
    """Linear layers one after the other, each but the last followed by an activation.

    Args:
        sizes: the length of an input row, of each hidden layer, and of an output row.
        activation: a name ("relu", "tanh", …), a class (`nn.ReLU`), a layer to be copied
            (`nn.LeakyReLU(0.1)`), or a function without arguments that makes a layer; None for
            none.
        dropout: the probability with which Dropout zeroes what each hidden layer gives; 0 for no
            Dropout.
        norm: what stands between each hidden Linear and its activation: "batch" (BatchNorm1d),
            "layer" (LayerNorm), a class or function that makes a layer from the number of
            features, or None.
        init: how the weights start, as `Linear` takes it.
        output_activation: as `activation`, after the last Linear. None is what losses on logits
            take.
        bias: whether the Linear layers have one.
        dtype: of the parameters of Linear layers and norms named; the default dtype if None.
        generator: where initial values, and what Dropout zeroes, are drawn from; the project's
            own if None.

    Shapes: x (..., sizes[0]); the result is (..., sizes[-1]).

    It is the Sequential that one would write by hand: Linear, norm, activation, Dropout for each
    hidden layer. So `net[0].weight` is the first layer's weight, `net[:-1]` all but the last layer,
    and the names in `state_dict` are "0.weight", "0.bias", "2.weight", ….

    Raises:
        TypeError, ValueError: fewer than two sizes, or one that is not a positive whole number; an
            activation or norm that is not known; a probability out of range.

    Example:
        net = MLP([784, 100, 10], activation="tanh", init="xavier_uniform")
    """

    def __init__(
        self,
        sizes: Iterable[int],
        activation: Any = "relu",
        dropout: float = 0.0,
        norm: str | Callable[[int], Any] | None = None,
        init: Init | None = None,
        output_activation: Any = None,
        bias: bool = True,
        dtype: DTypeLike | None = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        lengths = _checked(sizes)
        dropout = probability(dropout, "MLP: dropout")
        if activation is not None:  # looked at also where there is no hidden layer
            activation_layer(activation, "MLP", "activation")
        layers: list[Any] = []
        for i, (n_in, n_out) in enumerate(pairwise(lengths), 2):
            layers.append(Linear(n_in, n_out, bias, dtype, generator, init))
            hidden = i < len(lengths)
            if hidden and norm is not None:
                layers.append(_norm_layer(norm, n_out, dtype))
            kind, name = (
                (activation, "activation") if hidden else (output_activation, "output_activation")
            )
            if kind is not None:
                layers.append(activation_layer(kind, "MLP", name))
            if hidden and dropout:
                layers.append(Dropout(dropout, generator=generator))
        super().__init__(*layers)


def _checked(sizes: Any) -> list[int]:
    if isinstance(sizes, int | np.integer):
        raise TypeError(f"MLP: the sizes come as one list, MLP([{sizes}, …]), not as arguments.")
    lengths = [whole_number(n, "MLP", f"sizes[{i}]") for i, n in enumerate(sizes)]
    if len(lengths) < 2:
        raise ValueError(
            "MLP: sizes are the lengths of an input row, of each hidden layer, and of an output "
            f"row, two numbers or more, such as [784, 100, 10]; not {lengths}."
        )
    return lengths


def _norm_layer(norm: Any, features: int, dtype: DTypeLike | None) -> Any:
    if isinstance(norm, str) and norm in NORMS:
        return NORMS[norm](features, dtype=dtype)
    if callable(norm) and not isinstance(norm, Module):
        try:
            return norm(features)
        except TypeError as error:
            error.add_note(f"  in  MLP, which called norm({features}), the number of features")
            raise
    made = " A layer made already is for one number of features." * isinstance(norm, Module)
    raise (ValueError if isinstance(norm, str) else TypeError)(
        f"MLP: norm is {' or '.join(map(repr, NORMS))}, or a class or function that makes a layer "
        f"from the number of features, not {norm!r}.{made}"
    )
