"""The table of operations that ONNX can say, and how.

Keys are classes of operations by name. ONNX's operators are those of version 20 of its set, see
https://onnx.ai/onnx/operators.
"""

from __future__ import annotations

import math

import numpy as np

from nn.io.onnx.activations import (
    binary_step,
    elu,
    hardtanh,
    leaky_relu,
    log_sigmoid,
    normal_cdf,
    softplus,
    softsign,
)
from nn.io.onnx.arranging import (
    affine,
    along_axis,
    broadcast_to,
    einsum,
    flip,
    pad,
    reshape,
    stack,
    transpose,
    triangle,
    with_axes,
)
from nn.io.onnx.elementwise import (
    clip,
    compared,
    heaviside,
    hypot,
    log_add_exp,
    logic,
    of_size,
    plus,
    same,
    scaled,
    truths,
    where,
)
from nn.io.onnx.graph import (
    Rule,
    Step,
    alike,
)
from nn.io.onnx.indexing import (
    get_item,
)
from nn.io.onnx.reductions import (
    log_sum_exp,
    power_norm,
    reduced,
    search,
    standardize,
    unit_mean_square,
    var,
)

INT64 = np.dtype(np.int64)

OPERATORS: dict[str, Rule] = {
    # Arithmetic
    "Add": same("Add"),
    "Subtract": same("Sub"),
    "Multiply": same("Mul"),
    "Divide": same("Div"),
    "Power": same("Pow"),
    "Negative": same("Neg"),
    "Positive": same("Identity"),
    "Maximum": same("Max"),
    "Minimum": same("Min"),
    "Square": lambda s: s.add("Mul", s["x"], s["x"]),
    "Reciprocal": same("Reciprocal"),
    "DegToRad": scaled(math.pi / 180),
    "RadToDeg": scaled(180 / math.pi),
    # Functions of one number
    "Absolute": same("Abs"),
    "Fabs": same("Abs"),
    "Sign": same("Sign"),
    "Floor": same("Floor"),
    "Ceil": same("Ceil"),
    "Rint": same("Round"),
    "Trunc": of_size("Floor"),
    "Exp": same("Exp"),
    "Exp2": lambda s: s.add("Pow", s.number(2), s["x"]),
    "Expm1": plus("Exp", 0, -1),
    "Log": same("Log"),
    "Log2": scaled(1 / math.log(2), "Log"),
    "Log10": scaled(1 / math.log(10), "Log"),
    "Log1p": plus("Log", 1, 0),
    "LogAddExp": log_add_exp,
    "Sqrt": same("Sqrt"),
    "Cbrt": of_size("Pow", 1 / 3),
    "Hypot": hypot,
    "Erf": same("Erf"),
    "Erfc": lambda s: s.add("Sub", s.number(1), s.add("Erf", s["x"])),
    "Sin": same("Sin"),
    "Cos": same("Cos"),
    "Tan": same("Tan"),
    "Arcsin": same("Asin"),
    "Arccos": same("Acos"),
    "Arctan": same("Atan"),
    "Sinh": same("Sinh"),
    "Cosh": same("Cosh"),
    "Tanh": same("Tanh"),
    "Arcsinh": same("Asinh"),
    "Arccosh": same("Acosh"),
    "Arctanh": same("Atanh"),
    # Activations
    "ReLU": same("Relu"),
    "LeakyReLU": leaky_relu,
    "ELU": elu,
    "Softplus": softplus,
    "LogSigmoid": log_sigmoid,
    "Softsign": softsign,
    "Hardtanh": hardtanh,
    "BinaryStep": binary_step,
    "NormalCDF": normal_cdf,
    "TanhGELU": lambda s: s.add("Gelu", s["x"], approximate="tanh"),
    "Sigmoid": same("Sigmoid"),
    "Softmax": along_axis("Softmax"),
    "LogSoftmax": along_axis("LogSoftmax"),
    # Comparisons, choices, types
    "Greater": compared("Greater"),
    "GreaterEqual": compared("GreaterOrEqual"),
    "Less": compared("Less"),
    "LessEqual": compared("LessOrEqual"),
    "Equal": compared("Equal"),
    "NotEqual": lambda s: s.add("Not", s.add("Equal", *s.inputs(s.common_dtype()))),
    "And": logic("And", "BitwiseAnd"),
    "Or": logic("Or", "BitwiseOr"),
    "Xor": logic("Xor", "BitwiseXor"),
    "Not": logic("Not", "BitwiseNot"),
    "LogicalAnd": truths("And"),
    "LogicalOr": truths("Or"),
    "LogicalXor": truths("Xor"),
    "LogicalNot": truths("Not"),
    "Where": where,
    "Heaviside": heaviside,
    "Clip": clip,
    "AsType": same("Identity"),  # operands are brought to the dtype of the result
    "AsPlain": same("Identity"),
    "Detach": same("Identity"),
    # Products
    "MatMul": same("MatMul"),
    "Affine": affine,
    "Einsum": einsum,
    # Reductions
    "Sum": reduced("ReduceSum"),
    "Mean": reduced("ReduceMean"),
    "Max": reduced("ReduceMax"),
    "Min": reduced("ReduceMin"),
    "Prod": reduced("ReduceProd"),
    "EuclideanNorm": reduced("ReduceL2"),
    "PowerNorm": power_norm,
    "LogSumExp": log_sum_exp,
    "Var": var,
    "Standardize": standardize,
    "UnitMeanSquare": unit_mean_square,
    "ArgMax": search("ArgMax"),
    "ArgMin": search("ArgMin"),
    "CumSum": lambda s: s.add("CumSum", s["x"], s.number(s.settings["axis"], INT64)),
    # Arrangements
    "Reshape": reshape,
    "Transpose": transpose,
    "BroadcastTo": broadcast_to,
    "ExpandDims": with_axes("Unsqueeze"),
    "Squeeze": with_axes("Squeeze"),
    "Concatenate": along_axis("Concat"),
    "Stack": stack,
    "GetItem": get_item,
    "Flip": flip,
    "Pad": pad,
    "Tril": triangle(0),
    "Triu": triangle(1),
}

# Settings whose rows compare the two recordings themselves; any other must be the same in both.
OPEN_SETTINGS = {"shape", "key"}


def translate(s: Step) -> tuple[str, ...]:
    """Add a call's nodes; the names of its results. Raises Refusal if there is no row for it."""
    op = s.call.op
    rule = OPERATORS.get(op.__name__)
    if rule is None or op.__module__.partition(".")[0] != "autograd":  # a namesake of the user's
        s.refuse("ONNX has no such operator, or the table in nn/io/onnx/operators.py has no row")
    for name, setting in s.settings.items():
        if name not in OPEN_SETTINGS and not alike(setting, s.other.settings[name]):
            s.refuse(f"its {name} depends on the data, or on the size of the batch")
    made = rule(s)
    return (made,) if isinstance(made, str) else made
