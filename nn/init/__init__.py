"""Initial values for parameters, written in place.

What keeps the sizes of activations, and of gradients, about the same from layer to layer depends on
a weight's fan-in (how many inputs a unit sums) and fan-out (how many units an input feeds): for a
weight of shape (n_out, n_in), n_in and n_out. Every function returns the Tensor it filled, and
draws from the project's own generator if none is given.

Layers take a function of this module, or its name, as `init`; see `initialize`.

Raises:
    TypeError: what is to be filled is no Tensor, or random numbers are to go into whole ones.
    ValueError: a Tensor with fewer than two axes has no fan; a negative spread; an unknown name.
"""

from nn.init.choosing import Init, initialize
from nn.init.filling import constant_, normal_, ones_, trunc_normal_, uniform_, zeros_
from nn.init.matrices import eye_, orthogonal_, sparse_
from nn.init.scaled import (
    calculate_gain,
    kaiming_normal_,
    kaiming_uniform_,
    lecun_normal_,
    lecun_uniform_,
    xavier_normal_,
    xavier_uniform_,
)

__all__ = [
    "Init",
    "calculate_gain",
    "constant_",
    "eye_",
    "initialize",
    "kaiming_normal_",
    "kaiming_uniform_",
    "lecun_normal_",
    "lecun_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]
