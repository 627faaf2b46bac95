"""Python's operators and NumPy's methods, written out: which operation each one applies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from autograd import errors, ops
from autograd.grad_mode import is_grad_enabled, no_grad
from autograd.operands import constant
from autograd.versions import stamp

if TYPE_CHECKING:
    from autograd.tensor import Tensor

Operand = Any  # a Tensor, an array, a number, or nested lists of numbers


class Operators:
    """The operators and methods of a Tensor."""

    __slots__ = ()
    _data: Any
    _requires_grad: bool

    # x + y and the like, with a number or an array on either side

    def __add__(self, other: Operand) -> Tensor:
        return ops.Add.apply(self, other)

    def __radd__(self, other: Operand) -> Tensor:
        return ops.Add.apply(other, self)

    def __sub__(self, other: Operand) -> Tensor:
        return ops.Subtract.apply(self, other)

    def __rsub__(self, other: Operand) -> Tensor:
        return ops.Subtract.apply(other, self)

    def __mul__(self, other: Operand) -> Tensor:
        return ops.Multiply.apply(self, other)

    def __rmul__(self, other: Operand) -> Tensor:
        return ops.Multiply.apply(other, self)

    def __truediv__(self, other: Operand) -> Tensor:
        return ops.Divide.apply(self, other)

    def __rtruediv__(self, other: Operand) -> Tensor:
        return ops.Divide.apply(other, self)

    def __pow__(self, other: Operand) -> Tensor:
        return ops.Square.apply(self) if _is_two(other) else ops.Power.apply(self, other)

    def __rpow__(self, other: Operand) -> Tensor:
        return ops.Power.apply(other, self)

    def __matmul__(self, other: Operand) -> Tensor:
        return ops.matmul(self, other)

    def __rmatmul__(self, other: Operand) -> Tensor:
        return ops.matmul(other, self)

    def __neg__(self) -> Tensor:
        return ops.Negative.apply(self)

    def __pos__(self) -> Tensor:
        return ops.Multiply.apply(self, 1)

    def __abs__(self) -> Tensor:
        return ops.Absolute.apply(self)

    # Comparisons and logic, entry by entry as in NumPy

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]
        return NotImplemented if _is_no_number(other) else ops.Equal.apply(self, other)

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]
        return NotImplemented if _is_no_number(other) else ops.NotEqual.apply(self, other)

    def __lt__(self, other: Operand) -> Tensor:
        return ops.Less.apply(self, other)

    def __le__(self, other: Operand) -> Tensor:
        return ops.LessEqual.apply(self, other)

    def __gt__(self, other: Operand) -> Tensor:
        return ops.Greater.apply(self, other)

    def __ge__(self, other: Operand) -> Tensor:
        return ops.GreaterEqual.apply(self, other)

    def __and__(self, other: Operand) -> Tensor:
        return ops.And.apply(self, other)

    def __rand__(self, other: Operand) -> Tensor:
        return ops.And.apply(other, self)

    def __or__(self, other: Operand) -> Tensor:
        return ops.Or.apply(self, other)

    def __ror__(self, other: Operand) -> Tensor:
        return ops.Or.apply(other, self)

    def __invert__(self) -> Tensor:
        return ops.Not.apply(self)

    __hash__ = object.__hash__  # a Tensor is itself, whatever its entries

    # In place: only where no gradient could be lost by it

    def __iadd__(self, other: Operand) -> Tensor:
        return self._in_place(ops.Add, other, "+")

    def __isub__(self, other: Operand) -> Tensor:
        return self._in_place(ops.Subtract, other, "-")

    def __imul__(self, other: Operand) -> Tensor:
        return self._in_place(ops.Multiply, other, "*")

    def __itruediv__(self, other: Operand) -> Tensor:
        return self._in_place(ops.Divide, other, "/")

    def __setitem__(self, key: Any, value: Operand) -> None:
        self._check_writable(value, "x = autograd.where(mask, value, x)")
        values = _plain_value(value)
        try:
            self._data[ops.plain_key(key)] = values
        except (ValueError, IndexError) as error:
            raise errors.cannot_set(self, values, error) from None
        stamp(self._data, "setting entries, x[…] = …")

    def _in_place(self, op: type[ops.Function], other: Operand, sign: str) -> Tensor:
        instead = f"x = x {sign} y"
        self._check_writable(other, instead)
        try:
            op.forward(self._data, _plain_value(other), out=self._data)
        except (ValueError, TypeError):
            with no_grad():
                result = op.apply(self, other)  # says itself what is wrong, if it cannot be made
            raise errors.cannot_write(self, result, instead) from None
        stamp(self._data, f"the operator {sign}=")
        return cast("Tensor", self)

    def _check_writable(self, other: Operand, instead: str) -> None:
        needs_history = self._requires_grad or getattr(other, "_requires_grad", False)
        if needs_history and is_grad_enabled():
            raise errors.write_with_history(self, instead)

    # Entries and shape

    def __getitem__(self, key: Any) -> Tensor:
        return ops.GetItem.apply(self, key)

    def reshape(self, *shape: Any) -> Tensor:
        """The same entries in another shape; one length may be −1."""
        return ops.Reshape.apply(self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Tensor:
        """The axes in another order; reversed if none is given."""
        if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], tuple | list)):
            axes = tuple(axes[0] or ())
        return ops.transpose(self, axes or None)

    @property
    def T(self) -> Tensor:
        """All axes in reverse order."""
        return ops.Transpose.apply(self)

    @property
    def mT(self) -> Tensor:
        """The last two axes swapped: each matrix transposed."""
        return ops.Transpose.apply(self, (*range(self._data.ndim - 2), -1, -2))

    def squeeze(self, axis: Any = None) -> Tensor:
        """Without the axes of length 1 that are named (all of them if None)."""
        return ops.Squeeze.apply(self, axis)

    def ravel(self) -> Tensor:
        """All entries in one row."""
        return ops.Reshape.apply(self, -1)

    flatten = ravel

    def astype(self, dtype: Any) -> Tensor:
        """Converted to another dtype. A gradient flows between floating ones only."""
        if np.dtype(dtype).kind != "f":
            return ops.AsPlain.apply(self, np.dtype(dtype))
        return ops.AsType.apply(self, np.dtype(dtype))

    def clone(self) -> Tensor:
        """A copy with memory of its own; a gradient flows through."""
        return ops.AsType.apply(self, self._data.dtype)

    # Reductions (an unknown keyword goes on to the operation, which says what there is)

    def sum(self, axis: Any = None, keepdims: bool = False, **unknown: Any) -> Tensor:
        """Sum over `axis` (None: all)."""
        return ops.Sum.apply(self, axis, keepdims, **unknown)

    def mean(self, axis: Any = None, keepdims: bool = False, **unknown: Any) -> Tensor:
        """Mean over `axis` (None: all)."""
        return ops.Mean.apply(self, axis, keepdims, **unknown)

    def max(self, axis: Any = None, keepdims: bool = False, **unknown: Any) -> Tensor:
        """Largest entry over `axis` (None: all); ties share the gradient."""
        return ops.Max.apply(self, axis, keepdims, **unknown)

    def min(self, axis: Any = None, keepdims: bool = False, **unknown: Any) -> Tensor:
        """Smallest entry over `axis` (None: all); ties share the gradient."""
        return ops.Min.apply(self, axis, keepdims, **unknown)

    def var(
        self, axis: Any = None, ddof: int = 0, keepdims: bool = False, **unknown: Any
    ) -> Tensor:
        """Variance over `axis`, divided by the count minus `ddof` (0, as in NumPy)."""
        return ops.Var.apply(self, axis, ddof, keepdims, **unknown)

    def std(
        self, axis: Any = None, ddof: int = 0, keepdims: bool = False, **unknown: Any
    ) -> Tensor:
        """Standard deviation over `axis`: the square root of `var`."""
        return ops.Sqrt.apply(self.var(axis, ddof, keepdims, **unknown))

    def argmax(self, axis: Any = None, **unknown: Any) -> Tensor:
        """Where the largest entry is; no gradient."""
        return ops.ArgMax.apply(self, axis, **unknown)

    def argmin(self, axis: Any = None, **unknown: Any) -> Tensor:
        """Where the smallest entry is; no gradient."""
        return ops.ArgMin.apply(self, axis, **unknown)

    def all(self, axis: Any = None, **unknown: Any) -> Tensor:
        """Whether all entries are true; no gradient."""
        return ops.AllTrue.apply(self, axis, **unknown)

    def any(self, axis: Any = None, **unknown: Any) -> Tensor:
        """Whether any entry is true; no gradient."""
        return ops.AnyTrue.apply(self, axis, **unknown)

    # Functions of one number, as PyTorch has them

    def exp(self) -> Tensor:
        """eˣ, entry by entry."""
        return ops.Exp.apply(self)

    def log(self) -> Tensor:
        """Natural logarithm, entry by entry."""
        return ops.Log.apply(self)

    def sqrt(self) -> Tensor:
        """Square root, entry by entry."""
        return ops.Sqrt.apply(self)

    def abs(self) -> Tensor:
        """Absolute value, entry by entry."""
        return ops.Absolute.apply(self)

    def tanh(self) -> Tensor:
        """Hyperbolic tangent, entry by entry."""
        return ops.Tanh.apply(self)

    def sigmoid(self) -> Tensor:
        """Logistic sigmoid, entry by entry."""
        return ops.Sigmoid.apply(self)

    def relu(self) -> Tensor:
        """max(x, 0), entry by entry."""
        return ops.ReLU.apply(self)

    def clip(self, min: Any = None, max: Any = None) -> Tensor:
        """Limited to [min, max]."""
        return ops.Clip.apply(self, min, max)


def _plain_value(value: Operand) -> Any:
    """The values of an operand, without history."""
    return value._data if isinstance(value, Operators) else constant(value)


def _is_no_number(thing: Any) -> bool:
    """Whether a Tensor is simply another thing than it, so that == says False."""
    return thing is None or isinstance(thing, str | bytes | dict | set | type)


def _is_two(exponent: Any) -> bool:
    return type(exponent) in (int, float) and exponent == 2
