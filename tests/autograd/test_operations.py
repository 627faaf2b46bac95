"""What holds for every operation: each check walks the table of support/operations.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from support.checks import check_gradients, operations_of_a_test
from support.operations import CASES, PLAIN, Case, anywhere

import autograd
from autograd import Elementwise, Function, Tensor, functions, ops
from autograd.engine import replay
from autograd.protocols import COMPOSED

Array = Any

DTYPES = [np.float16, np.float32, np.float64]
OPERATIONS = list({case.op: case for case in CASES if isinstance(case.op, type)})

each_dtype = pytest.mark.parametrize("dtype", DTYPES)
each_case = pytest.mark.parametrize("case", CASES, ids=repr)
each_case_and_plain_one = pytest.mark.parametrize("case", CASES + PLAIN, ids=repr)


@pytest.fixture(autouse=True)
def _operations_made_here_are_forgotten() -> Iterator[None]:
    with operations_of_a_test():
        yield


def is_floating(array: Array) -> bool:
    return bool(array.dtype.kind == "f")


def widened(arrays: Sequence[Array]) -> list[Array]:
    """The same numbers, those that are floating in float64."""
    return [a.astype(float) if is_floating(a) else a for a in arrays]


def upstream_of(results: Sequence[Tensor]) -> list[Array]:
    """Upstream gradients for results: the same numbers for every dtype."""
    rng = np.random.default_rng(1)
    numbers = [rng.standard_normal(one.shape).astype(np.float16) for one in results]
    return [g.astype(one.dtype) for g, one in zip(numbers, results, strict=True)]


def gradients(
    case: Case, arrays: Sequence[Array], wanted: Sequence[int] | None = None, **settings: Any
) -> list[Array]:
    """The gradients of the inputs at the places `wanted`; of all floating ones if None."""
    if wanted is None:
        wanted = [i for i, a in enumerate(arrays) if is_floating(a)]
    tensors = [Tensor(a, requires_grad=i in wanted) for i, a in enumerate(arrays)]
    results = case.apply(*tensors)
    found = autograd.grad(results, [tensors[i] for i in wanted], upstream_of(results), **settings)
    return [one.data for one in found]


def assert_close(found: Sequence[Array], expected: Sequence[Array], dtype: Any = float) -> None:
    """Equal within a few roundings of `dtype`."""
    tolerance = 8 * np.finfo(dtype).eps
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


# The table is complete


def test_nobody_is_missing() -> None:
    own = [op for op in Function.registry if op.__module__.startswith("autograd.")]
    rows = {case.op for case in CASES + PLAIN}
    assert [op.__name__ for op in own if op not in rows] == []


def test_rows_are_where_they_belong() -> None:
    assert all(op.signature.differentiable for op in OPERATIONS)
    assert not any(case.op.signature.differentiable for case in PLAIN if isinstance(case.op, type))


def test_every_public_function_has_a_row() -> None:
    names = {case.reference.__name__ for case in CASES + PLAIN}
    assert set(functions.__all__) - names == {"amax", "amin"}
    assert (autograd.amax, autograd.amin) == (autograd.max, autograd.min)
    assert autograd.abs is autograd.absolute


# Values


@each_dtype
@each_case_and_plain_one
def test_value_shape_and_dtype(case: Case, dtype: Any) -> None:
    arrays = case.draw(dtype)
    results = case.apply(*map(Tensor, arrays))
    assert all(type(one) is Tensor and type(one.data) is np.ndarray for one in results)
    expected = [np.asarray(one) for one in case.call(case.reference, *arrays)]
    assert [one.dtype for one in results] == [one.dtype for one in expected]
    assert [one.shape for one in results] == [one.shape for one in expected]
    exact = case.call(case.reference, *widened(arrays))
    assert_close([one.data for one in results], exact, dtype)


@pytest.mark.parametrize("case", [c for c in CASES if c.op in OPERATIONS], ids=repr)
def test_whole_numbers_have_the_dtype_that_numpy_gives(case: Case) -> None:
    arrays = [np.ones(a.shape, int) if is_floating(a) else a for a in case.draw()]
    (result,), (expected,) = case.apply(*arrays), case.call(case.reference, *arrays)
    assert result.dtype == expected.dtype


@each_case_and_plain_one
def test_every_spelling_applies_the_same_operation(case: Case) -> None:
    tensors = [Tensor(a, requires_grad=is_floating(a)) for a in case.draw()]
    results = case.apply(*tensors)
    spellings = []
    if case.reference.__name__ in functions.__all__:
        spellings.append(getattr(autograd, case.reference.__name__))
    if case.op in {*Function.by_numpy.values(), *COMPOSED.values()}:
        spellings.append(case.reference)  # NumPy's function, which hands over to the Tensor
    for spelling in spellings:
        for result, expected in zip(case.call(spelling, *tensors), results, strict=True):
            assert type(result) is Tensor
            assert type(result.grad_fn) is type(expected.grad_fn)
            np.testing.assert_array_equal(result.data, expected.data)


@each_case_and_plain_one
def test_bare_arrays_give_the_same_without_history(case: Case) -> None:
    arrays = case.draw()
    for result, expected in zip(case.apply(*arrays), case.apply(*map(Tensor, arrays)), strict=True):
        assert type(result) is Tensor
        assert result.grad_fn is None
        np.testing.assert_array_equal(result.data, expected.data)


@pytest.mark.parametrize("case", PLAIN, ids=repr)
def test_no_gradient_flows_through_plain_answers(case: Case) -> None:
    (result,) = case.apply(*(Tensor(a, requires_grad=is_floating(a)) for a in case.draw()))
    assert not result.requires_grad
    assert result.grad_fn is None


# Derivatives


def check_derivatives(case: Case, order: int) -> None:
    arrays = case.draw()
    places = [i for i, a in enumerate(arrays) if is_floating(a)]

    def function(*tensors: Tensor) -> tuple[Tensor, ...]:
        given = dict(zip(places, tensors, strict=True))
        return case.apply(*(given.get(i, a) for i, a in enumerate(arrays)))

    check_gradients(function, [arrays[i] for i in places], order, repr(case))


@each_case
def test_first_and_second_derivative(case: Case) -> None:
    check_derivatives(case, order=2)


@pytest.mark.parametrize("op", OPERATIONS)
def test_third_derivative(op: type[Function]) -> None:
    check_derivatives(next(case for case in CASES if case.op is op), order=3)


@pytest.mark.parametrize(
    "op", [op for op in OPERATIONS if op.signature.differentiable == ("x", "y")]
)
def test_one_tensor_in_two_places(op: type[Function]) -> None:
    x = np.random.default_rng(0).uniform(0.5, 2, (2, 3, 3))
    check_gradients(lambda t: op.apply(*[t] * len(op.signature.inputs)), [x])
    tensor, upstream = Tensor(x, requires_grad=True), np.ones_like(x)
    autograd.grad(op.apply(*[tensor] * len(op.signature.inputs)), tensor, upstream)
    np.testing.assert_array_equal(upstream, 1)  # lent to both, written into by neither


@each_case
def test_inputs_together_get_the_gradients_they_get_alone(case: Case) -> None:
    check_subsets(case)


def check_subsets(case: Case) -> None:
    """Compare gradients computed together, which a class may do at once, with each alone."""
    arrays = case.draw()
    places = [i for i, a in enumerate(arrays) if is_floating(a)]
    alone = {i: gradients(case, arrays, [i])[0] for i in places}
    for count in range(1, len(places) + 1):
        for wanted in combinations(places, count):
            tensors = [Tensor(a, requires_grad=i in wanted) for i, a in enumerate(arrays)]
            results = case.apply(*tensors)
            for result, seed in zip(results, upstream_of(results), strict=True):
                result.backward(seed)
            assert [t.grad is not None for t in tensors] == [t.requires_grad for t in tensors]
            together = [t.grad.data for t in tensors if t.grad is not None]
            assert_close(together, [alone[i] for i in wanted])


@pytest.mark.parametrize("create_graph", [False, True])
@each_case
def test_one_pass_carries_many_gradients(case: Case, create_graph: bool) -> None:
    many = 7  # a length that no shape in the table has
    tensors = [Tensor(a, requires_grad=is_floating(a)) for a in case.draw()]
    results = case.apply(*tensors)
    rng = np.random.default_rng(1)
    upstream = [rng.standard_normal((many, *one.shape)) for one in results]

    def gradients_of(seeds: Sequence[Array], batch: int = 0) -> list[Array]:
        given = [Tensor(g) if create_graph else g for g in map(np.asarray, seeds)]
        places = zip([one.edge() for one in results], given, strict=True)
        found = replay(list(places), True, create_graph, batch=batch)
        return [getattr(found[t], "data", found[t]) for t in tensors if t.requires_grad]

    one_by_one = [gradients_of([g[i] for g in upstream]) for i in range(many)]
    expected = [np.stack(rows) for rows in zip(*one_by_one, strict=True)]
    assert_close(gradients_of(upstream, batch=many), expected)


@each_dtype
@each_case
def test_gradients_have_the_dtype_and_shape_of_their_input(case: Case, dtype: Any) -> None:
    arrays = case.draw(dtype)
    exact = gradients(case, widened(arrays))
    inputs = [a for a in arrays if is_floating(a)]
    for create_graph in (False, True):
        found = gradients(case, arrays, create_graph=create_graph)
        assert [g.dtype for g in found] == [a.dtype for a in inputs]
        assert [g.shape for g in found] == [a.shape for a in inputs]
        assert_close(found, exact, dtype)


@pytest.mark.parametrize("case", [case for case in CASES if len(case.inputs) > 1], ids=repr)
def test_inputs_of_two_dtypes_get_gradients_of_their_own(case: Case) -> None:
    arrays = widened(case.draw(np.float16))
    floats = [i for i, a in enumerate(arrays) if is_floating(a)]
    exact = gradients(case, arrays)
    for other in floats:
        for one, rest in ((np.float32, np.float64), (np.float64, np.float32)):
            dtypes = {i: one if i == other else rest for i in floats}
            mixed = [a.astype(dtypes.get(i, a.dtype)) for i, a in enumerate(arrays)]
            assert case.apply(*mixed)[0].dtype == case.call(case.reference, *mixed)[0].dtype
            found = gradients(case, mixed)
            assert [g.dtype for g in found] == list(dtypes.values())
            assert_close(found, exact, np.float32)


def test_astype_converts_the_gradient_back() -> None:
    x = Tensor(np.array([0.1, 1e-3]), requires_grad=True)
    for dtype in DTYPES:
        narrow = ops.AsType.apply(x, dtype=dtype)
        assert narrow.dtype == dtype
        assert not np.shares_memory(narrow.data, x.data)
        gradient = autograd.grad(narrow, x, np.array([0.25, 3]))
        assert gradient.dtype == np.float64
        np.testing.assert_array_equal(gradient.data, [0.25, 3])


# Memory


def transposed(a: Array) -> Array:
    return a.T.copy().T


def stepped(a: Array) -> Array:
    view = np.full([2 * n for n in a.shape], 99).astype(a.dtype)[
        (..., *[slice(None, None, 2)] * a.ndim)
    ]
    view[...] = a
    return view


def backwards(a: Array) -> Array:
    turned = (..., *[slice(None, None, -1)] * a.ndim)
    return a[turned].copy()[turned]


def read_only(a: Array) -> Array:
    view = a.copy()
    view.flags.writeable = False
    return view


@pytest.mark.parametrize("layout", [transposed, stepped, backwards, read_only])
@each_case
def test_memory_layout_makes_no_difference(case: Case, layout: Callable[[Array], Array]) -> None:
    arrays = case.draw()
    seeds = upstream_of(case.apply(*arrays))
    answers = []
    for arrange in (np.copy, layout):
        tensors = [Tensor(arrange(a), requires_grad=is_floating(a)) for a in arrays]
        results = case.apply(*tensors)
        wanted = [t for t in tensors if t.requires_grad]
        found = autograd.grad(results, wanted, [arrange(g) for g in seeds])
        answers.append([one.data for one in (*results, *found)])
    assert_close(*answers)


@pytest.mark.parametrize("create_graph", [False, True])
@each_case
def test_nothing_given_is_written_into(case: Case, create_graph: bool) -> None:
    arrays = case.draw()
    tensors = [Tensor(a, requires_grad=is_floating(a)) for a in arrays]
    results = case.apply(*tensors)
    for now, then in zip(arrays, case.draw(), strict=True):
        np.testing.assert_array_equal(now, then)
    seeds = upstream_of(results)
    guarded = [*arrays, *seeds, *(one.data for one in results)]
    before = [a.copy() for a in guarded]
    wanted = [t for t in tensors if t.requires_grad]
    autograd.grad(results, wanted, seeds, create_graph=create_graph)
    for now, then in zip(guarded, before, strict=True):
        np.testing.assert_array_equal(now, then)


@each_case
def test_leaf_gradients_have_memory_of_their_own(case: Case) -> None:
    tensors = [Tensor(a, requires_grad=is_floating(a)) for a in case.draw()]
    results = case.apply(*tensors)
    seeds = upstream_of(results)
    for result, seed in zip(results, seeds, strict=True):
        result.backward(seed)
    owned = [t.grad.data for t in tensors if t.grad is not None]
    others = [*seeds, *(t.data for t in tensors), *(one.data for one in results)]
    for i, gradient in enumerate(owned):
        assert not any(np.may_share_memory(gradient, other) for other in [*owned[:i], *others])


# Python numbers, NumPy's scalars and masks

ARITHMETIC = [ops.Add, ops.Subtract, ops.Multiply, ops.Divide, ops.Power, ops.Maximum, ops.Minimum]
NUMBERS = [2, 2.0, True, np.int64(2), np.float64(2), np.float32(2), np.ones(3, bool)]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda n: f"{type(n).__name__} {n}")
@pytest.mark.parametrize("op", ARITHMETIC)
@each_dtype
def test_numbers_and_masks_keep_the_dtype(op: type[Function], number: Any, dtype: Any) -> None:
    for place in (0, 1):
        x = Tensor(np.array([0.5, 1.5, 3.5], dtype), requires_grad=True)
        given = [number, number]
        given[place] = x
        result = op.apply(*given)
        assert result.dtype == dtype
        gradient = autograd.grad(result.sum(), x, create_graph=True)
        assert gradient.dtype == dtype
        if gradient.requires_grad:
            assert autograd.grad(gradient.sum(), x).dtype == dtype


@each_dtype
def test_numbers_as_alternatives_and_limits_keep_the_dtype(dtype: Any) -> None:
    x = Tensor(np.array([0.5, 1.5], dtype), requires_grad=True)
    for number in (1, 1.0, np.float64(1)):
        assert ops.Where.apply([True, False], x, number).dtype == dtype
        assert ops.Where.apply([True, False], number, x).dtype == dtype
        assert ops.Clip.apply(x, 0, number).dtype == dtype
        assert ops.Clip.apply(x, number, 2).dtype == dtype


def test_lists_are_operands_of_the_default_dtype() -> None:
    result = ops.Add.apply(Tensor([1.0, 2.0]), [3, 4])
    assert result.dtype == np.float32
    np.testing.assert_array_equal(result.data, [4, 6])


# The checks themselves object to what is wrong


def test_the_check_objects_to_a_wrong_rule() -> None:
    class Product(Elementwise):
        forward = np.multiply
        local_gradients = {"x": lambda y: y, "y": lambda y: y}

    with pytest.raises(AssertionError) as caught:
        check_gradients(
            Product.apply, [np.array([1.0, 2.0]), np.array([3.0, 4.0])], title="Product"
        )
    assert str(caught.value).startswith(
        "Product: its gradient with respect to input 1 is wrong. Along a random direction it is "
    )


def test_the_check_objects_to_a_rule_whose_own_derivative_is_lost() -> None:
    class Cube(Elementwise):
        def forward(x: Array) -> Array:
            return x**3

        local_gradients = {"x": lambda x: np.asarray(3 * x**2)}  # an array: no history

    check_gradients(Cube.apply, [np.array([1.0, 2.0])], order=1)
    with pytest.raises(AssertionError, match="Cube: its second derivative with respect to input 0"):
        check_gradients(Cube.apply, [np.array([1.0, 2.0])], title="Cube")


def test_the_check_objects_to_a_result_without_history() -> None:
    with pytest.raises(AssertionError, match="its gradient with respect to input 0 is wrong"):
        check_gradients(lambda x: (2 * x).detach(), [np.array([1.0, 2.0])])


def test_the_check_objects_to_a_wrong_shared_backward() -> None:
    def product(factor: float) -> type[Function]:
        class Product(Function):
            forward = np.multiply
            gradients = {"x": lambda g, y: g * y, "y": lambda g, x: g * x}

            def backward(g: Array, x: Array, y: Array) -> dict[str, Array]:
                return {"x": g * y, "y": factor * g * x}

        return Product

    check_subsets(Case(product(1), np.multiply, anywhere(3), anywhere(3)))
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        check_subsets(Case(product(2), np.multiply, anywhere(3), anywhere(3)))


def test_operations_made_by_a_test_are_forgotten() -> None:
    with operations_of_a_test():

        class Spacing(Elementwise):
            forward = np.spacing
            local_gradients = {"x": lambda x: 0 * x}

        assert Spacing in Function.registry
        assert Function.by_numpy[np.spacing] is Spacing
    assert Spacing not in Function.registry
    assert np.spacing not in Function.by_numpy
