"""NumPy's functions entry by entry, beyond the everyday ones, and the error function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from autograd import ops
from autograd.functions import spell
from autograd.ops.choices import (
    Copysign,
    Fabs,
    Fmax,
    Fmin,
    Frexp,
    Heaviside,
    Ldexp,
    NanToNum,
    Positive,
)
from autograd.ops.error_function import Erf, Erfc
from autograd.ops.exponentials import (
    Cbrt,
    Exp2,
    Expm1,
    FloatPower,
    Log1p,
    Log2,
    Log10,
    LogAddExp,
    LogAddExp2,
    Reciprocal,
)
from autograd.ops.logic import LogicalAnd, LogicalNot, LogicalOr, LogicalXor, Signbit, Xor
from autograd.ops.rounding import (
    Ceil,
    Floor,
    FloorDivide,
    Fmod,
    Modf,
    Remainder,
    Rint,
    Round,
    Trunc,
)
from autograd.ops.trigonometry import (
    Arccos,
    Arccosh,
    Arcsin,
    Arcsinh,
    Arctan,
    Arctan2,
    Arctanh,
    Cos,
    Cosh,
    DegToRad,
    Hypot,
    RadToDeg,
    Sin,
    Sinc,
    Sinh,
    Tan,
)
from autograd.protocols import implements

if TYPE_CHECKING:
    from autograd.tensor import Tensor

__all__ = [
    "acos",
    "acosh",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "around",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "cbrt",
    "ceil",
    "copysign",
    "cos",
    "cosh",
    "deg2rad",
    "degrees",
    "divmod",
    "equal",
    "erf",
    "erfc",
    "exp2",
    "expm1",
    "fabs",
    "fix",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "frexp",
    "greater",
    "greater_equal",
    "heaviside",
    "hypot",
    "invert",
    "ldexp",
    "less",
    "less_equal",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "mod",
    "modf",
    "nan_to_num",
    "not_equal",
    "positive",
    "pow",
    "rad2deg",
    "radians",
    "reciprocal",
    "remainder",
    "rint",
    "round",
    "signbit",
    "sin",
    "sinc",
    "sinh",
    "tan",
    "trunc",
]

# Exponentials, logarithms, roots, powers

exp2 = spell("exp2", Exp2)
expm1 = spell("expm1", Expm1)
log2 = spell("log2", Log2)
log10 = spell("log10", Log10)
log1p = spell("log1p", Log1p)
logaddexp = spell("logaddexp", LogAddExp)
logaddexp2 = spell("logaddexp2", LogAddExp2)
cbrt = spell("cbrt", Cbrt)
reciprocal = spell("reciprocal", Reciprocal)
float_power = spell("float_power", FloatPower)
pow = spell("power", ops.Power)

# Trigonometry; NumPy 2 has a second, shorter name for the inverses

sin = spell("sin", Sin)
cos = spell("cos", Cos)
tan = spell("tan", Tan)
arcsin = asin = spell("arcsin", Arcsin)
arccos = acos = spell("arccos", Arccos)
arctan = atan = spell("arctan", Arctan)
arctan2 = atan2 = spell("arctan2", Arctan2)
sinh = spell("sinh", Sinh)
cosh = spell("cosh", Cosh)
arcsinh = asinh = spell("arcsinh", Arcsinh)
arccosh = acosh = spell("arccosh", Arccosh)
arctanh = atanh = spell("arctanh", Arctanh)
hypot = spell("hypot", Hypot)
sinc = spell("sinc", Sinc)
deg2rad = radians = spell("deg2rad", DegToRad)
rad2deg = degrees = spell("rad2deg", RadToDeg)
implements(np.radians)(DegToRad.apply)
implements(np.degrees)(RadToDeg.apply)

erf = spell("erf", Erf)
erfc = spell("erfc", Erfc)

# Signs and choices

positive = spell("positive", Positive)
fabs = spell("fabs", Fabs)
copysign = spell("copysign", Copysign)
heaviside = spell("heaviside", Heaviside)
fmax = spell("fmax", Fmax)
fmin = spell("fmin", Fmin)
frexp = spell("frexp", Frexp)
ldexp = spell("ldexp", Ldexp)


@implements(np.nan_to_num)
def nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Tensor:
    """`nan` in place of NaN, the largest numbers (or `posinf`, `neginf`) in place of ±∞.

    Raises TypeError for copy=False, which would write into x.
    """
    if not copy:
        raise TypeError("nan_to_num: copy=False would write into x. Leave it out.")
    return NanToNum.apply(x, nan, posinf, neginf)


# Rounding and remainders

floor = spell("floor", Floor)
ceil = spell("ceil", Ceil)
trunc = fix = spell("trunc", Trunc)
rint = spell("rint", Rint)
round = around = spell("round", Round)
implements(np.fix)(Trunc.apply)
implements(np.around)(Round.apply)

floor_divide = spell("floor_divide", FloorDivide)
remainder = mod = spell("remainder", Remainder)
fmod = spell("fmod", Fmod)


@implements(np.divmod)
def divmod(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """⌊x / y⌋, a plain answer, and the remainder x − y ⌊x / y⌋."""
    return FloorDivide.apply(x, y), Remainder.apply(x, y)


modf = spell("modf", Modf)

# Logic

logical_and = spell("logical_and", LogicalAnd)
logical_or = spell("logical_or", LogicalOr)
logical_xor = spell("logical_xor", LogicalXor)
logical_not = spell("logical_not", LogicalNot)
bitwise_and = spell("bitwise_and", ops.And)
bitwise_or = spell("bitwise_or", ops.Or)
bitwise_xor = spell("bitwise_xor", Xor)
invert = bitwise_not = bitwise_invert = spell("invert", ops.Not)
signbit = spell("signbit", Signbit)
greater = spell("greater", ops.Greater)
greater_equal = spell("greater_equal", ops.GreaterEqual)
less = spell("less", ops.Less)
less_equal = spell("less_equal", ops.LessEqual)
equal = spell("equal", ops.Equal)
not_equal = spell("not_equal", ops.NotEqual)
