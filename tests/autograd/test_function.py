"""What an operation's class may declare, and what its nodes keep."""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from support.checks import check_gradients, message, operations_of_a_test
from support.operations import CASES, Case

import autograd
from autograd import Elementwise, Function, RuleError, Tensor, ops

Array = Any
X, Y = np.array([3.0, 1.0]), np.array([4.0, 2.0])


@pytest.fixture(autouse=True)
def _operations_made_here_are_forgotten() -> Iterator[None]:
    with operations_of_a_test():
        yield


def leaf(numbers: Any) -> Tensor:
    return Tensor(np.array(numbers, float), requires_grad=True)


def kept_by(node: Any) -> dict[str, Any]:
    """What the node keeps, by name."""
    return dict(zip(node.plan.kept_names, node.kept, strict=True))


def noting(notes: list[Any], note: Any, rule: Callable[..., Any]) -> Callable[..., Any]:
    """The rule, with the same parameters, which notes that it was called."""

    @functools.wraps(rule)
    def noted(*given: Any) -> Any:
        notes.append(note)
        return rule(*given)

    return noted


# Inputs and settings


def turn() -> type[Function]:
    """factor · x, turned by some places; factor has no rule."""

    class Turn(Function):
        inputs = ("x", "factor")
        settings = ("by",)
        normalize = {"by": lambda by, x: by % len(x)}

        def forward(x: Array, factor: Array, by: int = -1) -> Array:
            assert 0 <= by < len(x)
            return np.roll(x, by) * factor

        gradients = {"x": lambda g, by, factor: np.roll(g * factor, -by)}

    return Turn


def test_settings_are_given_by_place_by_name_or_by_default() -> None:
    op, x = turn(), leaf([1, 2, 3])
    np.testing.assert_array_equal(op.apply(x, 1.0).data, [2, 3, 1])
    np.testing.assert_array_equal(op.apply(x, 1.0, by=1).data, [3, 1, 2])
    np.testing.assert_array_equal(op.apply(x, 1.0, 1).data, [3, 1, 2])


def test_unknown_settings_are_refused_with_those_there_are() -> None:
    assert message(TypeError, lambda: turn().apply(leaf([1, 2, 3]), 1.0, to=2)) == (
        "Turn: unknown setting to=2; its settings are by.\n"
        "  x       (3,) float64\n"
        "  factor  1.0 (float)"
    )


def test_rules_see_settings_in_the_form_that_forward_saw() -> None:
    x = leaf([1, 2, 3])
    assert kept_by(turn().apply(x, 1.0).grad_fn)["by"] == 2  # −1, the default, of 3 places
    result = turn().apply(x, 2.0, by=-5)
    np.testing.assert_array_equal(result.data, [6, 2, 4])
    np.testing.assert_array_equal(autograd.grad(result, x, np.array([1, 2, 3])).data, [4, 6, 2])


def test_an_input_without_a_rule_gets_no_gradient() -> None:
    op = turn()
    x, factor = leaf([1, 2, 3]), leaf(2.0)
    op.apply(x, factor).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [2, 2, 2])
    assert factor.grad is None
    assert not op.apply([1.0, 2.0], factor).requires_grad


def test_any_number_of_inputs() -> None:
    class SumOfSquares(Function):
        inputs = ("*arrays",)
        settings = ("factor",)

        def forward(*arrays: Array, factor: float = 1) -> Array:
            return factor * sum(one * one for one in arrays)

        gradients = {"arrays": lambda g, arrays, factor: [2 * factor * g * one for one in arrays]}

    x, y = leaf([1, 2]), leaf([3, 4])
    SumOfSquares.apply(np.ones(2), x, 5.0, y, factor=3).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [6, 12])
    np.testing.assert_array_equal(y.grad.data, [18, 24])
    for count in (1, 2, 3):
        check_gradients(SumOfSquares.apply, [X] * count)
    check_gradients(lambda x: SumOfSquares.apply(x, Y, x), [X])


# Several outputs


def polar(called: list[Any]) -> type[Function]:
    """The length and the angle of (x, y); notes which rules are called."""

    class Polar(Function):
        outputs = ("length", "angle")

        def forward(x: Array, y: Array) -> tuple[Array, Array]:
            return np.sqrt(x * x + y * y), np.arctan2(y, x)

        gradients = {
            key: noting(called, key, rule)
            for key, rule in {
                ("x", "length"): lambda g, x, length: g * x / length,
                ("y", "length"): lambda g, y, length: g * y / length,
                ("x", "angle"): lambda g, y, length: -g * y / length**2,
                ("y", "angle"): lambda g, x, length: g * x / length**2,
            }.items()
        }

    return Polar


def test_all_outputs_are_of_one_node() -> None:
    length, angle = polar([]).apply(leaf(X), leaf(Y))
    assert length.grad_fn is angle.grad_fn
    assert length.grad_fn.shape == ((2,), (2,))
    np.testing.assert_array_equal(length.data, np.sqrt(X * X + Y * Y))
    np.testing.assert_array_equal(angle.data, np.arctan2(Y, X))


def test_rules_of_outputs_that_no_gradient_reached_are_not_called() -> None:
    called: list[Any] = []
    x, y = leaf(X), leaf(Y)
    length, _ = polar(called).apply(x, y)
    length.sum().backward()
    assert called == [("x", "length"), ("y", "length")]
    np.testing.assert_array_equal(x.grad.data, X / np.sqrt(X * X + Y * Y))
    called.clear()
    _, angle = polar(called).apply(X, y)
    angle.sum().backward()
    assert called == [("y", "angle")]


def test_gradients_through_several_outputs_add_up_to_any_order() -> None:
    op = polar([])
    check_gradients(op.apply, [X, Y], order=3, title="both")
    check_gradients(lambda x, y: op.apply(x, y)[0], [X, Y], order=3, title="the length")
    check_gradients(lambda x, y: op.apply(x, y)[1], [X, Y], order=3, title="the angle")

    def one_output_twice(x: Tensor) -> Tensor:
        _, angle = op.apply(x, Y)
        return angle * angle

    check_gradients(one_output_twice, [X])


def unit() -> type[Function]:
    class Unit(Function):
        outputs = ("unit", "_length")

        def forward(x: Array) -> tuple[Array, Array]:
            length = np.sqrt((x * x).sum())
            return x / length, length

        gradients = {
            ("x", "unit"): lambda g, unit, _length: (g - unit * (g * unit).sum()) / _length,
            ("x", "_length"): lambda g, unit: g * unit,
        }

    return Unit


def test_hidden_outputs_are_kept_but_not_handed_out() -> None:
    result = unit().apply(leaf([3, 4]))
    assert type(result) is Tensor
    np.testing.assert_array_equal(result.data, [0.6, 0.8])
    assert kept_by(result.grad_fn)["_length"] == 5


def test_second_derivatives_pass_through_hidden_outputs() -> None:
    x = np.array([3.0, 4.0, 1.0])
    check_gradients(unit().apply, [x], order=3)
    check_gradients(lambda x: unit().apply(x * x), [x], order=2)


def test_constant_outputs_carry_no_gradient_but_rules_may_use_them() -> None:
    class Sort(Function):
        outputs = ("values", "order")
        constant_outputs = ("order",)

        def forward(x: Array) -> tuple[Array, Array]:
            order = np.argsort(x)
            return x[order], order

        gradients = {
            ("x", "values"): lambda g, order, x_shape: ops.ScatterAdd.call(
                g, key=order, shape=x_shape
            )
        }

    values, order = Sort.apply(leaf([3, 1, 2]))
    assert values.requires_grad
    assert (order.requires_grad, order.grad_fn) == (False, None)
    np.testing.assert_array_equal(order.data, [1, 2, 0])
    check_gradients(lambda x: Sort.apply(x * x)[0], [np.array([3.0, 1.0, 2.0])])


# One backward for all inputs


@pytest.mark.parametrize("wanted", ["x", "y", "z", "xy", "xz", "yz", "xyz"])
def test_a_shared_backward_is_called_where_several_gradients_are_wanted(wanted: str) -> None:
    calls = []

    class Ratio(Function):
        def forward(x: Array, y: Array, z: Array) -> Array:
            return x * y / z

        gradients = {
            "x": lambda g, y, z: g * y / z,
            "y": lambda g, x, z: g * x / z,
            "z": lambda g, z, out: -g * out / z,
        }

        def backward(g: Array, x: Array, y: Array, z: Array, wants: Any) -> dict[str, Array]:
            calls.append(wants)
            share = g / z
            found = {"x": share * y, "y": share * x}
            return found | {"z": -share * x * y / z} if "z" in wants else found

    given = {"x": 3.0, "y": 4.0, "z": 2.0}
    tensors = {n: Tensor(np.array(v), requires_grad=n in wanted) for n, v in given.items()}
    Ratio.apply(*tensors.values()).backward()
    expected = {"x": 2.0, "y": 1.5, "z": -3.0}
    found = {n: t.grad.item() for n, t in tensors.items() if t.grad is not None}
    assert found == {n: expected[n] for n in wanted}
    assert calls == ([set(wanted)] if len(wanted) > 1 else [])


# Operations inside rules


def test_call_on_arrays_is_bare_forward() -> None:
    result = ops.ExpandDims.call(X, axis=(-1,))
    assert type(result) is np.ndarray
    np.testing.assert_array_equal(result, X[:, None])


def test_call_on_tensors_is_recorded() -> None:
    for given in ((leaf(X), Y), (X, leaf(Y)), (leaf(X), leaf(Y))):
        result = ops.Multiply.call(*given)
        assert type(result) is Tensor
        assert type(result.grad_fn) is ops.Multiply
        np.testing.assert_array_equal(result.data, X * Y)


# Registration


def test_an_operation_is_what_its_numpy_function_does_with_tensors() -> None:
    for taken in (np.sin, np.cos):
        Function.by_numpy.pop(taken, None)  # given back after the test

    class Sine(Elementwise):
        forward = np.sin
        local_gradients = {"x": lambda x: np.cos(x)}

    class Cosine(Elementwise):
        forward = np.cos
        local_gradients = {"x": lambda x: -np.sin(x)}

    class Unwrap(Function):
        numpy = np.unwrap

        def forward(x: Array) -> Array:
            return np.unwrap(x)

        gradients = {"x": lambda g: g}

    assert [op for op in Function.registry if op.__module__ == __name__] == [Sine, Cosine, Unwrap]
    assert type(np.sin(leaf(X)).grad_fn) is Sine
    assert type(np.unwrap(leaf(X)).grad_fn) is Unwrap
    check_gradients(lambda x: np.sin(x), [X], order=3)


def test_a_class_without_forward_is_the_base_of_a_family() -> None:
    class Scaling(Function):
        settings = ("factor",)
        gradients = {"x": lambda g, factor: factor * g}

    class Scale(Scaling):
        def forward(x: Array, factor: float) -> Array:
            return x * factor

    assert [op for op in Function.registry if op.__module__ == __name__] == [Scale]
    check_gradients(lambda x: Scale.apply(x, factor=3), [X])


# What a node keeps: what the rules of the wanted inputs name, and nothing else

KEPT = [
    (ops.Add, "xy", ()),
    (ops.Multiply, "x", ("y",)),
    (ops.Multiply, "y", ("x",)),
    (ops.Multiply, "xy", ("x", "y")),
    (ops.Divide, "x", ("y",)),
    (ops.Divide, "y", ("y", "out")),
    (ops.Tanh, "x", ("out",)),
    (ops.Log, "x", ("x",)),
    (ops.MatMul, "x", ("y",)),
    (ops.MatMul, "y", ("x",)),
    (ops.MatMul, "xy", ("x", "y")),
]


@pytest.mark.parametrize(("op", "wanted", "names"), KEPT)
def test_a_node_keeps(op: type[Function], wanted: str, names: tuple[str, ...]) -> None:
    square = np.array([[1.0, 2.0], [3.0, 4.0]])
    inputs = [Tensor(square, requires_grad=name in wanted) for name in op.signature.inputs]
    assert op.apply(*inputs).grad_fn.plan.kept_names == names


def one_result(op: type[Function]) -> bool:
    """Whether the operation hands out one result."""
    return sum(not name.startswith("_") for name in op.signature.outputs) == 1


each_operation = pytest.mark.parametrize(
    "case", [case for case in CASES if isinstance(case.op, type) and one_result(case.op)], ids=repr
)


def needs(op: type[Function], wanted: tuple[Any, ...]) -> set[str]:
    """The parameters of the rules for the wanted inputs, as they stand in the class."""
    rules = op.local_gradients or op.gradients
    functions = []
    for key, rule in rules.items():
        name = key[0] if isinstance(key, tuple) else key
        if name in wanted or op.signature.variadic:
            functions.append(rule)
    if hasattr(op, "backward") and len(wanted) > 1:
        functions.append(op.backward)
    return {name for f in functions for name in inspect.signature(f).parameters} - {"g", "wants"}


def histories(case: Case) -> Iterator[tuple[Any, dict[str, Array]]]:
    """The node for each choice of inputs that want a gradient, and the arrays of its call."""
    arrays = case.draw()
    floating = [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]
    for count in range(1, len(floating) + 1):
        for wanted in combinations(floating, count):
            tensors = [Tensor(a, requires_grad=i in wanted) for i, a in enumerate(arrays)]
            (result,) = case.apply(*tensors)
            read = case.op.signature
            inputs = (
                {read.inputs[0]: arrays}
                if read.variadic
                else dict(zip(read.inputs, arrays, strict=False))
            )
            yield result.grad_fn, inputs | {"out": result.data}


@each_operation
def test_a_node_keeps_what_the_rules_of_wanted_inputs_name(case: Case) -> None:
    for node, _ in histories(case):
        assert set(node.plan.kept_names) == needs(case.op, node.plan.wanted)


@each_operation
def test_what_a_node_keeps_is_no_copy(case: Case) -> None:
    for node, arrays in histories(case):
        for name, value in kept_by(node).items():
            several = isinstance(value, list)  # of the one input that stands for any number
            for i, one in enumerate(value if several else [value]):
                assert name not in arrays or one is (arrays[name][i] if several else arrays[name])


def test_what_no_rule_names_is_let_go_at_once() -> None:
    total = leaf(X) + leaf(Y)
    let_go = weakref.ref(total.data)
    result = total.tanh()  # needs its output, not its input
    kept = weakref.ref(result.data)
    del total
    result = result * 3.0
    assert let_go() is None
    assert kept() is not None
    del result
    assert kept() is None


def test_a_shape_is_kept_without_its_array() -> None:
    x = leaf(X) * 2.0
    array = weakref.ref(x.data)
    total = x.sum()
    del x
    assert array() is None
    assert kept_by(total.grad_fn)["x_shape"] == (2,)


def test_a_setting_may_be_called_mode_and_names_of_the_written_text_are_refused() -> None:
    with operations_of_a_test():

        class Scale(Function):
            settings = ("mode",)

            def forward(x: Array, mode: str = "double") -> Array:
                return x * len(mode)

            gradients = {"x": lambda g, mode: g * len(mode)}

        x = Tensor([1.0, 2.0], requires_grad=True)
        Scale.apply(x, mode="four").sum().backward()
        np.testing.assert_array_equal(x.grad.data, [4, 4])

        with pytest.raises(RuleError, match="the name 'node' is reserved"):

            class Hide(Function):
                def forward(node: Array) -> Array:
                    return node

                gradients = {"node": lambda g: g}
