"""The laws of dtypes: NumPy's, with numbers that widen nothing; real numbers only, no objects.

That every row of the table of operations keeps them in its values and gradients is shown in
test_operations; here are the second derivatives, every operator with every kind of operand on
either side, and whole networks.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from support.checks import message
from support.operations import CASES, PLAIN, Case

import autograd
import nn
import optim
from autograd import Tensor

Array = Any
DTYPES = [np.float16, np.float32, np.float64]

each_dtype = pytest.mark.parametrize("dtype", DTYPES)

X = np.array([1.5, 2, 3])


def leaf(dtype: Any = np.float32) -> Tensor:
    return Tensor(X.astype(dtype), requires_grad=True)


# Operators

ARITHMETIC = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "@": operator.matmul,
    "%": operator.mod,
}
COMPARISONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
LOGIC = {"&": operator.and_, "|": operator.or_, "^": operator.xor}
STEPS = {"//": operator.floordiv}  # whose derivative is 0 wherever there is one
WITHOUT_RULE = {
    "<<": operator.lshift,
    ">>": operator.rshift,
}
IN_PLACE = {
    "+=": operator.iadd,
    "-=": operator.isub,
    "*=": operator.imul,
    "/=": operator.itruediv,
}
MADE_ANEW = {  # these make a new Tensor
    "**=": (operator.ipow, operator.pow),
    "@=": (operator.imatmul, operator.matmul),
    "&=": (operator.iand, operator.and_),
    "|=": (operator.ior, operator.or_),
    "^=": (operator.ixor, operator.xor),
    "%=": (operator.imod, operator.mod),
}

OPERANDS: dict[str, Any] = {
    "an array of float16": np.array([2, 0.5, 4], np.float16),
    "an array of float32": np.array([2, 0.5, 4], np.float32),
    "an array of float64": np.array([2, 0.5, 4]),
    "an array of int64": np.array([2, 1, 4]),
    "a mask": np.array([True, False, True]),
    "a number as an array of float32": np.array(2, np.float32),
    "a number as an array of float64": np.array(2.0),
    "a number as an array of int64": np.array(2),
    "np.float16": np.float16(2),
    "np.float32": np.float32(2),
    "np.float64": np.float64(2),
    "np.longdouble": np.longdouble(2),
    "np.int64": np.int64(2),
    "np.uint8": np.uint8(2),
    "np.bool": np.True_,
    "int": 2,
    "float": 2.0,
    "bool": True,
    "a list of floats": [2.0, 0.5, 4.0],
    "a list of whole numbers": [2, 1, 4],
    "a list of truth values": [True, False, True],
}
NO_NUMBERS: dict[str, Any] = {
    "Fraction": Fraction(1, 2),
    "Decimal": Decimal("0.5"),
    "complex": 2j,
    "np.complex64": np.complex64(2j),
    "an array of complex numbers": np.array([1j, 2, 3]),
    "an array of objects": np.array([1, 2, 3], object),
    "an array of text": np.array(["a", "b", "c"]),
    "np.str": np.str_("a"),
    "np.datetime64": np.datetime64("2020"),
    "date": date(2020, 1, 1),
    "str": "a",
    "None": None,
    "dict": {},
    "set": {1},
    "object": object(),
}
NEVER_EQUAL = ("np.str", "str", "None", "dict", "set")  # == says False, as it does for any thing

with_operand = pytest.mark.parametrize("operand", OPERANDS.values(), ids=OPERANDS)
with_what_is_no_number = pytest.mark.parametrize("kind", NO_NUMBERS)


def table(operators: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("apply", operators.values(), ids=operators)


def either_side(x: Any, operand: Any) -> list[tuple[Any, Any]]:
    return [(x, operand), (operand, x)]


def as_numpy_takes_it(operand: Any) -> Any:
    """The operand for which NumPy gives what is expected: numbers and lists widen nothing."""
    if isinstance(operand, np.floating):
        return float(operand)
    if isinstance(operand, np.generic):
        return operand.item()
    if isinstance(operand, list) and not isinstance(operand[0], bool):
        return np.array(operand, np.float32)
    return operand


def outcome(function: Callable[..., Any], *given: Any) -> Any:
    """What a call gives, or the kind of its error."""
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            return function(*given)
    except (TypeError, ValueError) as error:
        return type(error)


def assert_tensor(result: Any, expected: Array) -> None:
    """A Tensor of an ndarray, with the expected values in their dtype."""
    assert type(result) is Tensor
    assert type(result.data) is np.ndarray
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(result.data, expected)


@with_operand
@table(ARITHMETIC)
def test_arithmetic_gives_numpys_dtype_and_keeps_the_history(apply: Any, operand: Any) -> None:
    x = leaf()
    sides = zip(
        either_side(x, operand), either_side(x.data, as_numpy_takes_it(operand)), strict=True
    )
    for given, plain in sides:
        result, expected = outcome(apply, *given), outcome(apply, *plain)
        if isinstance(expected, type):
            assert result is expected
            continue
        assert_tensor(result, np.asarray(expected))
        with np.errstate(divide="ignore", invalid="ignore"):
            gradient = autograd.grad(result.sum(), x)
        assert (type(gradient.data), gradient.dtype) == (np.ndarray, np.float32)


@with_operand
@table(COMPARISONS | LOGIC | STEPS)
def test_comparisons_and_logic_give_numpys_answer(apply: Any, operand: Any) -> None:
    for array in (X.astype(np.float32), np.array([2, 1, 0]), np.array([True, False, False])):
        tensors = either_side(Tensor(array), operand)
        arrays = either_side(array, as_numpy_takes_it(operand))
        for given, plain in zip(tensors, arrays, strict=True):
            result, expected = outcome(apply, *given), outcome(apply, *plain)
            if isinstance(expected, type):
                assert result is expected
            else:
                assert_tensor(result, expected)
                assert not result.requires_grad


@with_operand
def test_divmod_is_both_the_quotient_and_the_remainder(operand: Any) -> None:
    for given in either_side(leaf(), operand):
        expected = outcome(operator.floordiv, *given), outcome(operator.mod, *given)
        for result, wanted in zip(outcome(divmod, *given), expected, strict=True):
            assert_tensor(result, wanted.data)
            assert result.requires_grad == wanted.requires_grad


@with_operand
@table(IN_PLACE)
def test_writing_in_place_keeps_the_tensor_and_its_dtype(apply: Any, operand: Any) -> None:
    array, x = X.astype(np.float32), Tensor(X.astype(np.float32))
    expected = outcome(apply, array, as_numpy_takes_it(operand))
    result = outcome(apply, x, operand)
    assert_tensor(result, expected)
    assert result is x
    with pytest.raises(RuntimeError, match="in place would lose a gradient"):
        apply(leaf(), operand)


@with_operand
@pytest.mark.parametrize(("apply", "anew"), MADE_ANEW.values(), ids=MADE_ANEW)
def test_other_operators_in_place_make_a_new_tensor(apply: Any, anew: Any, operand: Any) -> None:
    x = leaf()
    expected, result = outcome(anew, x, operand), outcome(apply, x, operand)
    if isinstance(expected, type):
        assert result is expected
    else:
        assert_tensor(result, expected.data)
        assert result.requires_grad
    np.testing.assert_array_equal(x.data, X)


@pytest.mark.parametrize(
    ("apply", "anew"),
    [*MADE_ANEW.values(), *zip(IN_PLACE.values(), ARITHMETIC.values(), strict=False)],
)
@with_operand
def test_nothing_else_takes_a_tensor_in_place(apply: Any, anew: Any, operand: Any) -> None:
    if isinstance(operand, np.ndarray):
        before = operand.copy()
        with pytest.raises(TypeError, match=r"takes no out, and an array is not updated in place"):
            apply(operand, leaf())
        np.testing.assert_array_equal(operand, before)
        return
    expected = outcome(anew, operand, leaf())
    result = outcome(apply, operand, leaf())
    if isinstance(expected, type):
        assert result is expected
    else:
        assert_tensor(result, expected.data)
        assert result.requires_grad


@with_what_is_no_number
@table(ARITHMETIC | COMPARISONS | LOGIC)
def test_what_is_no_number_is_refused_with_a_reason(apply: Any, kind: str) -> None:
    for given in either_side(leaf(), NO_NUMBERS[kind]):
        if apply is operator.mod and isinstance(given[0], str):
            continue  # Python formats the text
        if apply is operator.pow and isinstance(given[0], Fraction):
            continue  # some versions of Python turn such a base into a float themselves
        if apply in (operator.eq, operator.ne) and kind in NEVER_EQUAL:
            assert apply(*given) is (apply is operator.ne)
            continue
        assert message(TypeError, lambda given=given: apply(*given)).startswith(
            "Operations take Tensors, arrays of real numbers, and numbers, not "
        )


@with_what_is_no_number
@pytest.mark.parametrize("apply", [*IN_PLACE.values(), operator.setitem], ids=str)
def test_what_is_no_number_is_not_written(apply: Any, kind: str) -> None:
    x = Tensor(X.copy())
    given = (x, 0, NO_NUMBERS[kind]) if apply is operator.setitem else (x, NO_NUMBERS[kind])
    with pytest.raises(TypeError, match="Operations take Tensors, arrays of real numbers"):
        apply(*given)
    np.testing.assert_array_equal(x.data, X)


EVERYTHING = OPERANDS | {k: v for k, v in NO_NUMBERS.items() if "str" not in k}  # "a" % x formats


@pytest.mark.parametrize("operand", EVERYTHING.values(), ids=EVERYTHING)
@table(WITHOUT_RULE)
def test_operators_without_a_rule_are_refused_by_name(apply: Any, operand: Any) -> None:
    for given in either_side(leaf(), operand):
        text = message(TypeError, lambda given=given: apply(*given))
        of_python = text.startswith("unsupported operand type(s) for ") and "'Tensor'" in text
        assert of_python or "has no derivative here yet, so it does not take Tensors" in text


# Every operation


@pytest.mark.parametrize("kind", [object, complex, str, "datetime64[s]"], ids=str)
@pytest.mark.parametrize("case", {case.op: case for case in CASES + PLAIN}.values(), ids=repr)
def test_no_operation_takes_anything_but_real_numbers(case: Case, kind: Any) -> None:
    for i, one in enumerate(case.draw()):
        given: list[Any] = list(map(Tensor, case.draw()))
        given[i] = np.asarray(np.nan_to_num(one)).astype(np.int64).astype(kind)
        text = message(TypeError, lambda given=given: case.apply(*given))
        if isinstance(case.op, type):
            assert f"and numbers, not an array of {given[i].dtype}. What was given" in text
        assert str(given[i].dtype) in text


@pytest.mark.parametrize("kind", NO_NUMBERS)
def test_limits_are_real_numbers(kind: str) -> None:
    if kind != "None":
        for limits in ((NO_NUMBERS[kind], None), (None, NO_NUMBERS[kind])):
            with pytest.raises(TypeError, match="Operations take Tensors, arrays of real numbers"):
                leaf().clip(*limits)


def test_a_list_as_limit_widens_nothing() -> None:
    assert leaf().clip([1.0, 1.5, 2.0], 2).dtype == np.float32


@pytest.mark.parametrize("wanted", [complex, object, str, "datetime64[s]"])
def test_no_tensor_is_made_of_anything_but_real_numbers(wanted: Any) -> None:
    values = np.ones(3, int).astype(wanted)
    for make in (
        lambda: leaf().astype(wanted),
        lambda: Tensor(X, dtype=wanted),
        lambda: Tensor(values),
        lambda: Tensor(X.copy()).copy_(values),
    ):
        with pytest.raises(TypeError, match=r"A Tensor holds real numbers, not (comp|obj|<U|date)"):
            make()


def test_an_imaginary_part_is_not_dropped_by_a_conversion() -> None:
    assert message(TypeError, lambda: Tensor(np.array([1j]), dtype=float)) == (
        "A Tensor holds real numbers, not complex128. Derivatives here are of real functions; keep "
        "real and imaginary part apart."
    )


@each_dtype
@pytest.mark.parametrize("case", CASES, ids=repr)
def test_second_derivatives_keep_the_dtype(case: Case, dtype: Any) -> None:
    tensors = [Tensor(a, requires_grad=a.dtype.kind == "f") for a in case.draw(dtype)]
    wanted = [t for t in tensors if t.requires_grad]
    results: Any = case.apply(*tensors)
    for _ in range(2):
        seeds = [np.ones(one.shape, one.dtype) for one in results]
        found = autograd.grad(results, wanted, seeds, create_graph=True, allow_unused=True)
        assert {one.dtype for one in found if one is not None} <= {t.dtype for t in wanted}
        results = [one for one in found if one is not None and one.requires_grad]
        if not results:
            return


# Networks

LABELS, NUMBERS = np.array([0, 1, 0]), np.ones((3, 2))
LOSSES = {"MSELoss": (nn.MSELoss(), NUMBERS), "CrossEntropyLoss": (nn.CrossEntropyLoss(), LABELS)}


LEARNING = [(name, dtype) for name in ("SGD", "RMSprop", "Adam") for dtype in DTYPES]


@pytest.mark.parametrize(("optimizer_name", "dtype"), LEARNING)
@pytest.mark.parametrize(("loss", "target"), LOSSES.values(), ids=LOSSES)
def test_a_network_stays_in_its_dtype(
    loss: Any, target: Array, optimizer_name: str, dtype: Any
) -> None:
    rng = np.random.default_rng(0)
    first, last = (nn.Linear(4, n, dtype=dtype, generator=rng) for n in (4, 2))
    activations = [nn.ReLU(), nn.Sigmoid(), nn.Tanh(), nn.LogSoftmax()]
    model = nn.Sequential(first, *activations, nn.Dropout(0.5, generator=rng), last)
    optimizer = getattr(optim, optimizer_name)(model.parameters(), lr=1e-3)
    for _ in range(2):
        out = model(np.ones((3, 4), dtype))
        value = loss(out, target)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        found = [out, value, *model.parameters(), *(p.grad for p in model.parameters())]
        assert {one.dtype for one in found} == {np.dtype(dtype)}
