"""What an operation's class is refused for, with the message that says what to mend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from support.checks import message, operations_of_a_test

from autograd import Elementwise, Function, RuleError, Tensor

Array = Any


@pytest.fixture(autouse=True)
def _operations_made_here_are_forgotten() -> Iterator[None]:
    with operations_of_a_test():
        yield


def leaf(numbers: Any) -> Tensor:
    return Tensor(np.array(numbers, float), requires_grad=True)


# When the class is made

REFUSED: list[tuple[Callable[[], None], str]] = []


def refused(text: str) -> Callable[[Callable[[], None]], None]:
    """The class that the decorated function makes is refused with `text`."""
    return lambda make: REFUSED.append((make, text))


@refused(
    "Scale: the rule for 'x' names 'weight', which is neither an input, an output, a fact about "
    "one (x_shape, x_size) nor a setting. It may name: g, x, factor, out, x_shape, x_size, "
    "factor_shape, factor_size, out_shape, out_size."
)
def a_rule_names_something_unknown() -> None:
    class Scale(Function):
        def forward(x: Array, factor: Array) -> Array:
            return x * factor

        gradients = {"x": lambda g, weight: g * weight}


@refused(
    "Total: the rule for 'x' names 'axes', which is neither an input, an output, a fact about one "
    "(x_shape, x_size) nor a setting. It may name: g, x, out, x_shape, x_size, out_shape, "
    "out_size, axis."
)
def settings_are_among_the_names_that_are_known() -> None:
    class Total(Function):
        settings = ("axis",)

        def forward(x: Array, axis: int = 0) -> Array:
            return x.sum(axis)

        gradients = {"x": lambda g, x_shape, axes: g}


@refused("Double: there is a rule for 'y' from 'out', but the inputs are x and the outputs out.")
def a_rule_is_for_no_input() -> None:
    class Double(Elementwise):
        def forward(x: Array) -> Array:
            return 2 * x

        local_gradients = {"y": lambda: 2}


@refused(
    "Halves: there is a rule for 'x' from 'left', but the inputs are x and the outputs low, high."
)
def a_rule_is_from_no_output() -> None:
    class Halves(Function):
        outputs = ("low", "high")

        def forward(x: Array) -> tuple[Array, Array]:
            return x[:1], x[1:]

        gradients = {("x", "low"): lambda g: g, ("x", "left"): lambda g: g}


@refused(
    "Double: a local gradient does not take g; the upstream gradient is multiplied by it once, for "
    "all elementwise operations. Leave g out, or derive from Function and write `gradients`."
)
def a_local_gradient_takes_g() -> None:
    class Double(Elementwise):
        def forward(x: Array) -> Array:
            return 2 * x

        local_gradients = {"x": lambda g: 2 * g}


@refused(
    "Product: forward takes 2 inputs, but there are rules for x. Give a rule for each, in "
    'forward\'s order, or say which inputs there are: inputs = ("x", …).'
)
def a_ufunc_has_fewer_rules_than_inputs() -> None:
    class Product(Elementwise):
        forward = np.multiply
        local_gradients = {"x": lambda x: x}


@refused(
    "Shift: forward takes x, by, but the class declares the inputs x and the settings step. The "
    "names must be the same, inputs first."
)
def the_settings_declared_are_not_forward_s() -> None:
    class Shift(Function):
        inputs = ("x",)
        settings = ("step",)

        def forward(x: Array, by: int) -> Array:
            return np.roll(x, by)

        gradients = {"x": lambda g, step: np.roll(g, -step)}


@refused(
    "Total: forward takes x, but the class declares the inputs x and the settings axis. The names "
    "must be the same, inputs first."
)
def a_setting_declared_is_not_among_forward_s() -> None:
    class Total(Function):
        settings = ("axis",)

        def forward(x: Array) -> Array:
            return x.sum()

        gradients = {"x": lambda g, x_shape, axis: g}


@refused(
    "Shift: forward takes x, y, but the class declares the inputs y, x and no settings. The names "
    "must be the same, inputs first."
)
def the_inputs_declared_are_in_another_order() -> None:
    class Shift(Function):
        inputs = ("y", "x")

        def forward(x: Array, y: Array) -> Array:
            return x - y

        gradients = {"x": lambda g: g}


@refused(
    "Unit: the rule for 'x' uses the output '_length', which has no rules itself, so a second "
    'derivative would be silently wrong. Add a rule for ("x", "_length"), or list \'_length\' in '
    "constant_outputs if it is piecewise constant (a mask, an index)."
)
def a_rule_uses_an_output_without_rules() -> None:
    class Unit(Function):
        outputs = ("unit", "_length")

        def forward(x: Array) -> tuple[Array, Array]:
            length = np.sqrt((x * x).sum())
            return x / length, length

        gradients = {
            ("x", "unit"): lambda g, unit, _length: (g - unit * (g * unit).sum()) / _length
        }


@refused(
    "Product: backward uses the output '_raised', which has no rules itself, so a second "
    'derivative would be silently wrong. Add a rule for ("x", "_raised"), or list \'_raised\' in '
    "constant_outputs if it is piecewise constant (a mask, an index)."
)
def a_shared_backward_uses_an_output_without_rules() -> None:
    class Product(Function):
        outputs = ("out", "_raised")

        def forward(x: Array, y: Array) -> tuple[Array, Array]:
            raised = np.exp(x)
            return raised * y, raised

        gradients = {"x": lambda g, x, y: g * np.exp(x) * y, "y": lambda g, x: g * np.exp(x)}

        def backward(g: Array, y: Array, _raised: Array) -> dict[str, Array]:
            return {"x": g * _raised * y, "y": g * _raised}


@refused("Gain: the name 'g' is reserved; call the parameter otherwise.")
def an_input_is_called_g() -> None:
    class Gain(Function):
        def forward(x: Array, g: Array) -> Array:
            return x * g

        gradients = {"x": lambda g: g}


@refused("Choose: the name 'wants' is reserved; call the parameter otherwise.")
def a_setting_is_called_wants() -> None:
    class Choose(Function):
        settings = ("wants",)

        def forward(x: Array, wants: int) -> Array:
            return x[wants]

        gradients = {"x": lambda g: g}


@refused("Copy: the name 'out' is reserved; call the parameter otherwise.")
def an_input_is_called_out() -> None:
    class Copy(Function):
        def forward(out: Array) -> Array:
            return out.copy()

        gradients = {"out": lambda g: g}


@refused("Fold: the name 'x_shape' is reserved; call the parameter otherwise.")
def a_setting_has_the_name_of_a_fact() -> None:
    class Fold(Function):
        settings = ("x_shape",)

        def forward(x: Array, x_shape: Any) -> Array:
            return x.reshape(x_shape)

        gradients = {"x": lambda g, x_shape: g.reshape(x_shape)}


@refused(
    "Total: normalize['axis'] names 'ndim', which is neither an input, an output, a fact about one "
    "(x_shape, x_size) nor a setting. It may name: x, axis."
)
def a_normalisation_names_something_unknown() -> None:
    class Total(Function):
        settings = ("axis",)
        normalize = {"axis": lambda axis, ndim: axis % ndim}

        def forward(x: Array, axis: int = 0) -> Array:
            return x.sum(axis)

        gradients = {"x": lambda g, x_shape: g}


@refused(
    "Product: backward names 'z', which is neither an input, an output, a fact about one "
    "(x_shape, x_size) nor a setting. It may name: g, x, y, out, x_shape, x_size, y_shape, y_size, "
    "out_shape, out_size, wants."
)
def a_shared_backward_names_something_unknown() -> None:
    class Product(Function):
        forward = np.multiply
        gradients = {"x": lambda g, y: g * y, "y": lambda g, x: g * x}

        def backward(g: Array, z: Array) -> dict[str, Array]:
            return {"x": g * z, "y": g * z}


@refused(
    "Double: an Elementwise operation states local_gradients (∂out/∂x, without g), any other "
    "gradients (functions of g). Change the heading, or the base class."
)
def an_elementwise_operation_states_gradients() -> None:
    class Double(Elementwise):
        forward = np.positive
        gradients = {"x": lambda g: 2 * g}


@refused(
    "Double: an Elementwise operation states local_gradients (∂out/∂x, without g), any other "
    "gradients (functions of g). Change the heading, or the base class."
)
def another_operation_states_local_gradients() -> None:
    class Double(Function):
        forward = np.positive
        local_gradients = {"x": lambda: 2}


@refused(
    "Halves: the output 'high' has no rules, so no gradient would come back through it. Add them, "
    "or list it in constant_outputs if it is piecewise constant."
)
def an_output_handed_out_has_no_rules() -> None:
    class Halves(Function):
        outputs = ("low", "high")

        def forward(x: Array) -> tuple[Array, Array]:
            return x[:1], x[1:]

        gradients = {("x", "low"): lambda g, x_shape: np.pad(g, (0, x_shape[0] - 1))}


@refused(
    "Total: normalize is for settings and constant_outputs lists outputs; 'axes' is neither. "
    "Its settings: axis; its outputs: out."
)
def a_setting_that_is_not_there_is_normalised() -> None:
    class Total(Function):
        settings = ("axis",)
        normalize = {"axes": lambda axis: axis}

        def forward(x: Array, axis: int = 0) -> Array:
            return x.sum(axis)

        gradients = {"x": lambda g: g}


@refused(
    "Total: normalize is for settings and constant_outputs lists outputs; 'mask' is neither. "
    "Its settings: axis; its outputs: out."
)
def an_output_that_is_not_there_is_constant() -> None:
    class Total(Function):
        settings = ("axis",)
        constant_outputs = ("mask",)

        def forward(x: Array, axis: int = 0) -> Array:
            return x.sum(axis)

        gradients = {"x": lambda g: g}


@pytest.mark.parametrize(("make", "text"), REFUSED, ids=lambda one: getattr(one, "__name__", ""))
def test_refused_with_this_message(make: Callable[[], None], text: str) -> None:
    assert message(RuleError, make) == text
    assert [op for op in Function.registry if op.__module__ == __name__] == []


# When it is applied, or a rule runs


def test_a_gradient_of_the_wrong_shape_is_refused_by_name() -> None:
    class Total(Function):
        def forward(x: Array, y: Array) -> Array:
            return x.sum() + y.sum()

        gradients = {"x": lambda g, x_shape: np.full(x_shape, g), "y": lambda g: np.full(5, g)}

    x, y = leaf([1, 2, 3]), leaf([1, 2])
    for second, shape in ((y, (2,)), (x, (3,))):  # one Tensor in both places, too
        assert message(RuleError, Total.apply(x, second).backward) == (
            f"Total: the rule for 'y' returned a gradient of shape (5,), but y has shape {shape}. "
            "A rule returns one number for each entry of its input (repeats that broadcasting "
            "made are summed for it)."
        )


def test_a_gradient_of_the_wrong_shape_for_one_of_many_is_refused_by_place() -> None:
    class Total(Function):
        inputs = ("*arrays",)

        def forward(*arrays: Array) -> Array:
            return np.asarray(sum(one.sum() for one in arrays))

        gradients = {"arrays": lambda g: [np.full(3, g), np.full(5, g)]}

    assert message(RuleError, Total.apply(leaf([1, 2, 3]), leaf([1, 2])).backward) == (
        "Total: the rule for 'arrays[1]' returned a gradient of shape (5,), but arrays[1] has "
        "shape (2,). A rule returns one number for each entry of its input (repeats that "
        "broadcasting made are summed for it)."
    )


def test_a_rule_that_returns_nothing_is_refused() -> None:
    class Double(Function):
        def forward(x: Array) -> Array:
            return 2 * x

        gradients = {"x": lambda g: None}

    assert message(RuleError, Double.apply(leaf([1, 2])).sum().backward) == (
        "Double: the rule for 'x' returned None, not a gradient of shape (2,). Was the return "
        "forgotten?"
    )


def test_a_forward_that_returns_nothing_is_refused() -> None:
    class Double(Function):
        def forward(x: Array) -> None:
            2 * x  # the return was forgotten

        gradients = {"x": lambda g: 2 * g}

    assert message(RuleError, lambda: Double.apply(leaf([1, 2]))) == (
        "Double: forward returned None. Was the return forgotten?"
    )


def test_a_forward_that_returns_more_than_is_declared_is_refused() -> None:
    class Halves(Function):
        def forward(x: Array) -> tuple[Array, Array]:
            return x[:1], x[1:]

        gradients = {"x": lambda g: g}

    assert message(RuleError, lambda: Halves.apply(leaf([1, 2]))) == (
        "Halves: forward returned a tuple where one array is expected. Several results are "
        'declared by name: outputs = ("first", "second").'
    )
