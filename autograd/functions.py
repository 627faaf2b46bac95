"""NumPy's names for the operations: `autograd.exp(x)` is `np.exp(x)` for a Tensor x."""

from autograd import ops
from autograd.ops import argmax, argmin, concatenate, matmul, split, stack, std

add = ops.Add.apply
subtract = ops.Subtract.apply
multiply = ops.Multiply.apply
divide = ops.Divide.apply
power = ops.Power.apply
negative = ops.Negative.apply
square = ops.Square.apply
maximum = ops.Maximum.apply
minimum = ops.Minimum.apply

exp = ops.Exp.apply
log = ops.Log.apply
sqrt = ops.Sqrt.apply
absolute = abs = ops.Absolute.apply
sign = ops.Sign.apply
tanh = ops.Tanh.apply
sigmoid = ops.Sigmoid.apply
relu = ops.ReLU.apply
where = ops.Where.apply
clip = ops.Clip.apply

sum = ops.Sum.apply
mean = ops.Mean.apply
max = amax = ops.Max.apply
min = amin = ops.Min.apply
var = ops.Var.apply

reshape = ops.Reshape.apply
transpose = ops.Transpose.apply
broadcast_to = ops.BroadcastTo.apply
expand_dims = ops.ExpandDims.apply
squeeze = ops.Squeeze.apply

affine = ops.Affine.apply
softmax = ops.Softmax.apply
log_softmax = ops.LogSoftmax.apply
softmax_cross_entropy = ops.SoftmaxCrossEntropy.apply

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
