"""NumPy's functions on Tensors, and Python's conversions: dispatched or refused, never detached."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import operations
from support.checks import message

from autograd import Function, Tensor
from autograd.protocols import COMPOSED

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])
Y = np.array([0.5, 2.0, 1.5])


def tensor(array: Any = X) -> Tensor:
    return Tensor(np.array(array), requires_grad=True)


# Python's operators, with an array or a number on either side

ARITHMETIC = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]


@pytest.mark.parametrize("other", [Y, 2.0, 2, np.float64(2)], ids=lambda y: type(y).__name__)
@pytest.mark.parametrize("apply", ARITHMETIC)
def test_operators_take_arrays_and_numbers_on_either_side(apply: Any, other: Any) -> None:
    for given, bare in (((tensor(), other), (X, other)), ((other, tensor()), (other, X))):
        result = apply(*given)
        assert type(result) is Tensor
        assert result.requires_grad
        np.testing.assert_array_equal(result.data, apply(*bare))


@pytest.mark.parametrize("other", [Y, 2.0, 2, np.float64(2)], ids=lambda y: type(y).__name__)
@pytest.mark.parametrize("apply", COMPARISONS)
def test_comparisons_answer_entry_by_entry(apply: Any, other: Any) -> None:
    for given, bare in (((tensor(), other), (X, other)), ((other, tensor()), (other, X))):
        result = apply(*given)
        assert type(result) is Tensor
        assert result.dtype == bool
        assert not result.requires_grad
        np.testing.assert_array_equal(result.data, apply(*bare))


def test_matrix_products_take_an_array_on_either_side() -> None:
    for result, expected in (
        (tensor() @ Y, X @ Y),
        (X @ tensor(Y), X @ Y),
        (Y @ tensor(X.T), Y @ X.T),
    ):
        assert type(result) is Tensor
        assert result.requires_grad
        np.testing.assert_array_equal(result.data, expected)


def test_an_array_is_never_overwritten_by_what_has_a_history() -> None:
    array = X.copy()
    with pytest.raises(TypeError, match=r"^np.add on Tensors takes no out, "):
        array += tensor()
    np.testing.assert_array_equal(array, X)


# NumPy's functions

DISPATCHED: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = [
    (np.add, (X, Y), {}),
    (np.subtract, (X, Y), {}),
    (np.multiply, (X, Y), {}),
    (np.divide, (X, Y), {}),
    (np.power, (X, Y), {}),
    (np.maximum, (X, Y), {}),
    (np.minimum, (X, Y), {}),
    (np.matmul, (X, Y), {}),
    (np.negative, (X,), {}),
    (np.square, (X,), {}),
    (np.exp, (X,), {}),
    (np.log, (X,), {}),
    (np.sqrt, (X,), {}),
    (np.tanh, (X,), {}),
    (np.absolute, (X,), {}),
    (np.abs, (X,), {}),
    (np.where, (X > 2, X, 0.0), {}),
    (np.clip, (X, 2, 4), {}),
    (np.clip, (X, None, 4), {}),
    (np.sum, (X,), {}),
    (np.sum, (X, 0), {}),
    (np.mean, (X,), {"axis": 1, "keepdims": True}),
    (np.max, (X, 0), {}),
    (np.amax, (X,), {"axis": 1}),
    (np.min, (X,), {"axis": (0, 1)}),
    (np.amin, (X, 0), {}),
    (np.var, (X,), {"axis": 0, "ddof": 1}),
    (np.std, (X,), {"axis": 0, "ddof": 1}),
    (np.reshape, (X, (3, 2)), {}),
    (np.transpose, (X,), {}),
    (np.transpose, (X, (1, 0)), {}),
    (np.broadcast_to, (Y, (4, 3)), {}),
    (np.expand_dims, (X, 1), {}),
    (np.squeeze, (X[:, :1],), {"axis": 1}),
    (np.concatenate, ([X, X],), {"axis": 1}),
    (np.stack, ([X, X],), {}),
    (np.split, (X, 3), {"axis": 1}),
]
PLAIN: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = [
    (np.sign, (X,), {}),
    (np.triu_indices_from, (X,), {}),
    (np.diag_indices_from, (np.eye(3),), {}),
    (np.greater, (X, Y), {}),
    (np.greater_equal, (X, Y), {}),
    (np.less, (X, Y), {}),
    (np.less_equal, (X, Y), {}),
    (np.equal, (X, Y), {}),
    (np.not_equal, (X, Y), {}),
    (np.argmax, (X, 0), {}),
    (np.all, (X > 2, 0), {}),
    (np.any, (X > 2, 0), {}),
    (np.bitwise_and, (X > 2, X < 5), {}),
    (np.bitwise_or, (X > 2, X < 5), {}),
    (np.invert, (X > 2,), {}),
    (np.argmin, (X,), {"axis": 1}),
    (np.isclose, (X, Y), {"rtol": 0.5}),
    (np.allclose, (X, Y), {"atol": 10}),
    (np.array_equal, (X, X), {}),
    (np.shape, (X,), {}),
    (np.count_nonzero, (X > 2,), {}),
    (np.isnan, (X,), {}),
    (np.isfinite, (X,), {}),
    (np.isinf, (X,), {}),
    (np.zeros_like, (X,), {}),
    (np.ones_like, (X,), {}),
    (np.ndim, (X,), {}),
    (np.size, (X,), {}),
]


def with_tensors(given: Any) -> Any:
    """The same arguments with Tensors for arrays; the floating ones require gradients."""
    if isinstance(given, tuple | list):
        return type(given)(map(with_tensors, given))
    if not isinstance(given, np.ndarray):
        return given
    return tensor(given) if given.dtype.kind == "f" else Tensor(given)


def as_list(result: Any) -> list[Any]:
    return result if isinstance(result, list) else [result]


@pytest.mark.parametrize(("function", "given", "settings"), DISPATCHED)
def test_numpy_s_functions_give_tensors_with_history(
    function: Any, given: Any, settings: Any
) -> None:
    results = as_list(function(*with_tensors(given), **settings))
    for result, expected in zip(results, as_list(function(*given, **settings)), strict=True):
        assert type(result) is Tensor
        assert result.requires_grad
        np.testing.assert_array_equal(result.data, expected)


@pytest.mark.parametrize(("function", "given", "settings"), PLAIN)
def test_plain_answers_are_numpy_s(function: Any, given: Any, settings: Any) -> None:
    result = function(*with_tensors(given), **settings)
    assert not getattr(result, "requires_grad", False)
    np.testing.assert_array_equal(np.asarray(result), function(*given, **settings))


def test_every_function_that_takes_tensors_is_tested_somewhere() -> None:
    own = [f for f, op in Function.by_numpy.items() if op.__module__.startswith("autograd.")]
    rows = (*operations.CASES, *operations.PLAIN)
    tested = {function for function, _, _ in DISPATCHED + PLAIN} | {row.reference for row in rows}
    called = {row.op for row in rows}
    left = [f for f in {*own, *COMPOSED} if f not in tested and COMPOSED.get(f) not in called]
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [f.__name__ for f in left if not re.search(rf"[.\"]{f.__name__}\b", tests)] == []


def test_one_tensor_among_arrays_is_enough() -> None:
    for result in (
        np.add(X, tensor()),
        np.concatenate([X, tensor()]),
        np.where(X > 2, X, tensor()),
    ):
        assert type(result) is Tensor
        assert result.requires_grad


# Refusals, which name the function and say what to do instead

UNSUPPORTED = [
    (np.spacing, "np.spacing", "np.spacing(tensor.data)", "Elementwise"),
    (np.nextafter, "np.nextafter", "np.nextafter(tensor.data)", "Elementwise"),
    (np.fft.fft, "np.fft.fft", "tensor.data", "Function"),
    (np.histogram, "np.histogram", "tensor.data", "Function"),
    (np.packbits, "np.packbits", "tensor.data", "Function"),
]


@pytest.mark.parametrize(("function", "name", "values", "base"), UNSUPPORTED)
def test_what_is_not_supported_is_refused_by_name(
    function: Any, name: str, values: str, base: str
) -> None:
    given = (tensor(),) * getattr(function, "nin", 1)
    assert message(TypeError, lambda: function(*given)) == (
        f"{name} has no derivative here yet, so it does not take Tensors. For the bare values use "
        f"{values}; to add it, write a class derived from autograd.{base}."
    )


@pytest.mark.parametrize(
    ("call", "instead"),
    [
        (lambda t: np.fill_diagonal(t, 0), "autograd.where(np.eye(n, dtype=bool), value, t)"),
        (lambda t: np.putmask(t, X > 2, 0), "autograd.where(mask, values, t)"),
        (
            lambda t: np.put_along_axis(t, np.zeros((2, 1), int), 0, axis=1),
            "autograd.where(mask, values, t)",
        ),
    ],
)
def test_functions_that_write_are_refused(call: Callable[[Tensor], Any], instead: str) -> None:
    t = tensor()
    said = message(TypeError, lambda: call(t))
    assert "writes into an array, and a Tensor's history would not know" in said
    assert f"Compute a new one: {instead};" in said
    np.testing.assert_array_equal(t.data, X)


@pytest.mark.parametrize(
    ("method", "call"),
    [
        ("reduce", lambda: np.add.reduce(tensor())),
        ("accumulate", lambda: np.add.accumulate(tensor())),
        ("outer", lambda: np.add.outer(tensor(), tensor())),
        ("reduceat", lambda: np.add.reduceat(tensor(), [0])),
        ("at", lambda: np.add.at(X.copy(), 0, tensor())),
    ],
)
def test_methods_of_ufuncs_are_refused(method: str, call: Callable[[], Any]) -> None:
    assert message(TypeError, call) == (
        f"np.add.{method} has no derivative here, so it does not take Tensors. For sums use "
        "np.sum; for the bare values use tensor.data."
    )


OUT = (
    "np.exp on Tensors takes no out, and an array is not updated in place from a Tensor: that "
    "would lose the history. For a step by hand write `with autograd.no_grad(): p -= lr * p.grad`, "
    "or p.data -= lr * p.grad.data."
)
LEFT_OUT = (
    "np.exp on Tensors takes no {}: leaving entries out would lose the history. Leave the argument "
    "out; choose entries with autograd.where."
)
OTHER = (
    "np.exp on Tensors takes no {}. Leave the argument out; for another dtype convert first, with "
    "t.astype(dtype)."
)


@pytest.mark.parametrize(
    ("text", "call"),
    [
        (OUT, lambda: np.exp(tensor(), out=np.empty_like(X))),
        (OUT, lambda: np.exp(X, out=tensor())),
        (LEFT_OUT.format("where"), lambda: np.exp(tensor(), where=X > 2)),
        (OTHER.format("dtype"), lambda: np.exp(tensor(), dtype=np.float32)),
    ],
)
def test_settings_of_ufuncs_are_refused(text: str, call: Callable[[], Any]) -> None:
    assert message(TypeError, call) == text


def test_settings_that_an_operation_does_not_have_are_refused() -> None:
    assert message(TypeError, lambda: np.sum(tensor(), axis=0, dtype="f4")) == (
        "Sum: unknown setting dtype='f4'; its settings are axis, keepdims.\n  x  (2, 3) float64"
    )
    assert message(TypeError, lambda: np.stack([tensor(), X], dtype=np.float32)) == (
        "stack() got an unexpected keyword argument 'dtype'"
    )


def test_limits_with_a_history_are_refused_rather_than_detached() -> None:
    limit = tensor(Y)
    assert message(TypeError, lambda: np.clip(X, limit, None)) == (
        "Clip: a limit that requires a gradient would get none. Write autograd.maximum(x, low) or "
        f"autograd.minimum(x, high), or give low.detach().\n  x  (2, 3) float64\n  min={limit!r}"
    )
    np.testing.assert_array_equal(np.clip(X, limit.detach(), None).data, np.clip(X, Y, None))


def test_objects_and_complex_numbers_are_no_operands() -> None:
    assert message(TypeError, lambda: tensor() + "1") == (
        "Operations take Tensors, arrays of real numbers, and numbers, not str. What was given: '1'"
    )
    assert message(TypeError, lambda: tensor(Y[:1]) * np.array([1j])) == (
        "Operations take Tensors, arrays of real numbers, and numbers, not an array of complex128. "
        "What was given: array([0.+1.j])"
    )


# The way out: np.asarray


def test_asarray_is_a_read_only_view() -> None:
    t = tensor()
    array = np.asarray(t)
    assert np.shares_memory(array, t.data)
    assert not array.flags.writeable
    assert t.data.flags.writeable


def test_conversion_and_copies_are_arrays_of_their_own() -> None:
    t = tensor()
    for copy in (np.array(t), np.asarray(t, dtype=np.float32), np.array(t, copy=True)):
        assert not np.shares_memory(copy, t.data)
        assert copy.flags.writeable
        np.testing.assert_array_equal(copy, X)
    assert np.asarray(t, dtype=np.float32).dtype == np.float32
    assert np.shares_memory(np.asarray(t, dtype=np.float64), t.data)
    assert not np.asarray(t, dtype=np.float64).flags.writeable


def test_a_copy_that_cannot_be_avoided_is_refused_when_forbidden() -> None:
    t = tensor()
    assert np.shares_memory(np.asarray(t, copy=False), t.data)
    with pytest.raises(ValueError, match="copy"):
        np.asarray(t, dtype=np.float32, copy=False)


def test_whole_number_tensors_index_arrays() -> None:
    np.testing.assert_array_equal(Y[Tensor(np.array([2, 0]))], [1.5, 0.5])
    assert Y[Tensor(np.array(1))] == 2.0
    np.testing.assert_array_equal(Y[Tensor(Y) > 1], [2.0, 1.5])


# Python's containers


def test_iteration_gives_rows_with_history() -> None:
    rows = list(tensor())
    assert [type(row) for row in rows] == [Tensor, Tensor]
    assert all(row.requires_grad for row in rows)
    np.testing.assert_array_equal(rows[1].data, X[1])
    first, second = tensor(Y[:2])
    assert (first.item(), second.item()) == (0.5, 2.0)


def test_length_is_that_of_the_first_axis() -> None:
    assert len(tensor()) == 2
    assert len(Tensor(np.empty((0, 3)))) == 0


def test_a_single_number_is_no_container() -> None:
    number = Tensor(2.0)
    assert message(TypeError, lambda: len(number)) == (
        "A single number has no len(); this Tensor has shape ()."
    )
    assert message(TypeError, lambda: list(number)) == (
        "A single number cannot be iterated over; this Tensor has shape ()."
    )


@pytest.mark.parametrize("array", [Y, X, np.array(2.0), np.empty((0, 3))], ids=np.shape)
@pytest.mark.parametrize("number", [2.0, 9.0])
def test_in_asks_whether_any_entry_is_equal(array: Any, number: float) -> None:
    assert (number in Tensor(array)) == (number in array)


def test_a_tensor_is_a_key_by_identity() -> None:
    t, other = tensor(), tensor()
    assert {t: "t", other: "other"}[t] == "t"
    assert hash(t) != hash(other)


# Python's numbers


def test_one_entry_is_a_number() -> None:
    for array in (np.array(2.5), np.array([[2.5]])):
        t = tensor(array)
        assert (float(t), int(t), bool(t), t.item()) == (2.5, 2, True, 2.5)
        assert f"{t:.2f}" == "2.50"
    assert not bool(Tensor(0.0))


@pytest.mark.parametrize(
    ("use", "call"),
    [
        ("float()", float),
        ("int()", int),
        ("item()", lambda t: t.item()),
        ("a format", lambda t: f"{t:.3f}"),
    ],
)
def test_several_entries_are_no_number(use: str, call: Callable[[Any], Any]) -> None:
    assert message(ValueError, lambda: call(tensor())) == (
        f"{use} needs a single number, and this Tensor has shape (2, 3), 6 numbers. "
        "Choose one (t[0]) or reduce it (t.sum(), t.mean())."
    )


@pytest.mark.parametrize("shape", [(2,), (0,)])
def test_several_entries_are_neither_true_nor_false(shape: tuple[int, ...]) -> None:
    assert message(ValueError, lambda: bool(Tensor(np.ones(shape)))) == (
        f"A Tensor of shape {shape} is neither true nor false. "
        "Say which is meant: t.any() or t.all(), or t.size > 0."
    )


def test_a_whole_number_is_an_index() -> None:
    two = Tensor(np.array(2))
    assert ["a", "b", "c"][two] == "c"
    assert list(range(two)) == [0, 1]
    assert message(TypeError, lambda: [1, 2][Tensor(1.0)]) == (
        "A Tensor of float32 cannot be an index. "
        "Use whole numbers: int(t), or t.astype(int) for an array of indices."
    )
    assert message(ValueError, lambda: [1, 2][Tensor(np.array([0, 1]))]) == (
        "an index needs a single number, and this Tensor has shape (2,), 2 numbers. "
        "Choose one (t[0]) or reduce it (t.sum(), t.mean())."
    )


def test_a_format_without_a_specification_is_the_repr() -> None:
    assert f"{Tensor([1.0, 2.0])}" == "Tensor([1., 2.], dtype=float32)"
    assert f"{tensor(Y)}" == repr(tensor(Y))
