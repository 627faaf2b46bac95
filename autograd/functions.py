"""NumPy's names for the operations: `autograd.exp(x)` is `np.exp(x)` for a Tensor x."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd import diagnosis, ops
from autograd.function import Function
from autograd.ops import affine, concatenate, matmul, split, stack, std, transpose

if TYPE_CHECKING:
    from autograd.tensor import Tensor


def spell(name: str, op: type[Function]) -> Callable[..., Tensor]:
    """`op.apply` as a function with a name, a signature and help of its own.

    It also explains settings where the operation has none; `apply` itself does so only where there
    are some, because the check costs an operator a twentieth of its time.
    """
    read = op.signature
    positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
    empty = inspect.Parameter.empty
    parameters = [
        inspect.Parameter(one, positional, default=read.defaults.get(one, empty))
        for one in (*read.inputs, *read.settings)
    ]

    known = {*read.inputs, *read.settings}

    def function(*inputs: Any, **settings: Any) -> Tensor:
        if settings and not read.settings and settings.keys() - known:
            raise diagnosis.unknown_settings(op, inputs, settings)
        return op.apply(*inputs, **settings)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = op.__doc__
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return function


add = spell("add", ops.Add)
subtract = spell("subtract", ops.Subtract)
multiply = spell("multiply", ops.Multiply)
divide = spell("divide", ops.Divide)
power = spell("power", ops.Power)
negative = spell("negative", ops.Negative)
square = spell("square", ops.Square)
maximum = spell("maximum", ops.Maximum)
minimum = spell("minimum", ops.Minimum)

exp = spell("exp", ops.Exp)
log = spell("log", ops.Log)
sqrt = spell("sqrt", ops.Sqrt)
absolute = abs = spell("absolute", ops.Absolute)
sign = spell("sign", ops.Sign)
tanh = spell("tanh", ops.Tanh)
sigmoid = spell("sigmoid", ops.Sigmoid)
relu = spell("relu", ops.ReLU)
where = spell("where", ops.Where)
clip = spell("clip", ops.Clip)

sum = spell("sum", ops.Sum)
mean = spell("mean", ops.Mean)
max = amax = spell("max", ops.Max)
min = amin = spell("min", ops.Min)
var = spell("var", ops.Var)

argmax = spell("argmax", ops.ArgMax)
argmin = spell("argmin", ops.ArgMin)

reshape = spell("reshape", ops.Reshape)
broadcast_to = spell("broadcast_to", ops.BroadcastTo)
expand_dims = spell("expand_dims", ops.ExpandDims)
squeeze = spell("squeeze", ops.Squeeze)

softmax = spell("softmax", ops.Softmax)
log_softmax = spell("log_softmax", ops.LogSoftmax)
softmax_cross_entropy = spell("softmax_cross_entropy", ops.SoftmaxCrossEntropy)

__all__ = [
    "absolute",
    "add",
    "affine",
    "amax",
    "amin",
    "argmax",
    "argmin",
    "broadcast_to",
    "clip",
    "concatenate",
    "divide",
    "exp",
    "expand_dims",
    "log",
    "log_softmax",
    "matmul",
    "maximum",
    "mean",
    "minimum",
    "multiply",
    "negative",
    "power",
    "relu",
    "reshape",
    "sigmoid",
    "sign",
    "softmax",
    "softmax_cross_entropy",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "tanh",
    "transpose",
    "var",
    "where",
]
