"""What is said of derivatives of functions that are asked for wrongly; every text as a whole."""

import inspect

import numpy as np
import pytest

from autograd import Tensor, transform_errors
from autograd.functional import (
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    per_example_grad,
    value_and_grad,
    vjp,
)

B, V = np.array([5.0, 6.0]), np.ones(3)
P = {"W": np.ones((2, 2)), "b": B}
ROWS, TARGETS = np.ones((3, 2)), np.ones(3)
LABELS = Tensor(np.array([0, 1]), name="labels")
LEAF = Tensor(np.ones(2), requires_grad=True, name="w")


def cubes(x):
    return (x**3).sum()


def loss(p):
    return (p["W"] @ p["b"]).sum()


def error(w, x, y):
    return ((x @ w - y) ** 2).mean()


def as_float(x):
    return x.sum().item()


def as_array(x):
    return np.asarray(x)


def pair(x):
    return [x.sum(), x.mean()]


def forgetful(x):
    x.sum()


def no_tensor(who, what):
    return (
        f"TypeError: {who} returned {what}, not a Tensor, so there is nothing to differentiate. "
        "Compute with Tensors to the end, without .data, .item() or float()."
    )


def not_one(who, what):
    return (
        f"RuntimeError: grad: {who} returned {what}, and only a single number has a gradient. "
        "Reduce it (.sum(), .mean()), or take the jacobian."
    )


def no_function(name):
    return (
        f"TypeError: {name}: a function is differentiated here, as in {name}(f)(x), and this is "
        "Tensor. The gradient of a result is autograd.grad(result, inputs)."
    )


def no_argument(name, argnum, count):
    return (
        f"IndexError: {name}: argnum={argnum} names none of the {count} arguments given by "
        "position, which count from 0."
    )


def whole_numbers(name, what):
    return (
        f"TypeError: {name}: one of the arguments to differentiate by is {what}, and there is "
        "nothing between two whole numbers. Make it floating, x.astype(float); or, if it only "
        "takes part (labels, indices), leave it to the function: lambda x: f(x, labels)."
    )


def twice(name):
    return (
        f"ValueError: {name}: the same Tensor, 'w' (2,) float64, is given in two places, and "
        "because it was made with requires_grad=True its uses in both would count for each. Give "
        "x.detach(), which the function then sees as two."
    )


def counts(given):
    return (
        "ValueError: per_example_grad: the arrays after the parameters have one example for each "
        f"entry of their first axis, the same number in all; given are {given}."
    )


def no_axis(i, what):
    return (
        f"TypeError: per_example_grad: argument {i}, {what}, has no first axis along which the "
        "examples stand. Settings belong into the function: "
        "lambda params, x: loss(params, x, setting)."
    )


FORGOTTEN = "TypeError: jacobian: forgetful returned None. Was the return forgotten?"
SEVERAL_ARGNUMS = (
    "TypeError: grad: argnum is the number of one argument, not (0, 1). For several arguments take "
    "vjp or jvp, or write a function of one list or dict of them."
)
NO_TUPLE = (
    "TypeError: jvp: args and tangents are tuples, with one entry for each argument of the "
    "function, as in jvp(f, (x,), (v,)); args is ndarray."
)
UPSTREAM = "ValueError: vjp: the upstream gradients must have the form of the value, but"
TANGENTS = "ValueError: jvp: tangents must have the form of args, but"
VECTOR = "ValueError: hvp: v must have the form of x, but"
KEYS = "a dict with the keys 'W', 'b' meets"

# Wrong calls by the function that words the answer
WRONG = {
    "no_tensor_returned": [
        (lambda: vjp(as_float, B), no_tensor("vjp: as_float", "float")),
        (lambda: jvp(as_array, (B,), (B,)), no_tensor("jvp: as_array", "ndarray")),
        (lambda: hvp(as_float)(B, B), no_tensor("grad: as_float", "float")),
        (lambda: jacobian(forgetful)(B), FORGOTTEN),
    ],
    "not_one_number": [
        (lambda: hessian(np.exp)(B), not_one("exp", "a Tensor of shape (2,)")),
        (lambda: hvp(np.exp)(B[:0], B[:0]), not_one("exp", "a Tensor of shape (0,)")),
        (lambda: value_and_grad(pair)(B), not_one("pair", "list")),
    ],
    "not_a_function": [
        (lambda: grad(LEAF.sum(), LEAF), no_function("grad")),
        (lambda: jacobian(LEAF), no_function("jacobian")),
    ],
    "no_such_argument": [
        (lambda: grad(cubes)(), no_argument("grad", 0, 0)),
        (lambda: jacobian(cubes, -3)(B, B), no_argument("jacobian", -3, 2)),
        (lambda: grad(cubes)(x=B), no_argument("grad", 0, 0)),
        (lambda: grad(cubes, (0, 1))(B, B), SEVERAL_ARGNUMS),
    ],
    "derivative_by_integers": [
        (lambda: grad(cubes)(np.array([1, 2])), whole_numbers("grad", "(2,) int64")),
        (lambda: vjp(np.add, B, LABELS), whole_numbers("vjp", "'labels' (2,) int64")),
    ],
    "given_twice": [
        (lambda: vjp(np.add, LEAF, LEAF), twice("vjp")),
        (lambda: grad(lambda x, y: x @ y[0])(LEAF, [LEAF]), twice("grad")),
    ],
    "another_form": [
        (lambda: vjp(np.exp, B)[1](V), f"{UPSTREAM} shape (2,) meets shape (3,)."),
        (lambda: vjp(np.exp, B)[1](1.0), f"{UPSTREAM} shape (2,) meets shape ()."),
        (lambda: vjp(pair, B)[1](1), f"{UPSTREAM} a tuple of length 2 meets a tuple of length 1."),
        (lambda: jvp(np.exp, (B,), (B[:1],)), f"{TANGENTS} shape (2,) meets shape (1,)."),
        (lambda: jvp(np.exp, (B,), B), f"{TANGENTS} a tuple of length 1 meets a ndarray."),
        (lambda: jvp(pair, [B], []), f"{TANGENTS} a list of length 1 meets a list of length 0."),
        (lambda: hvp(cubes)(B, V), f"{VECTOR} shape (2,) meets shape (3,)."),
        (lambda: hvp(loss)(P, {"W": V}), f"{VECTOR} {KEYS} a dict with the keys 'W'."),
        (lambda: hvp(loss)(P, [V, B]), f"{VECTOR} {KEYS} a list of length 2."),
    ],
    "arguments_without_tuple": [(lambda: jvp(np.exp, B, B), NO_TUPLE)],
    "no_examples": [
        (lambda: per_example_grad(error)(B, ROWS, TARGETS[1:]), counts("3, 2")),
        (lambda: per_example_grad(error)(B), counts("none")),
        (lambda: per_example_grad(error)(B, ROWS, 0.5), no_axis(2, "float")),
        (lambda: per_example_grad(error)(B, {"x": ROWS}), no_axis(1, "dict")),
    ],
}


@pytest.mark.parametrize(("wrong", "text"), [row for rows in WRONG.values() for row in rows])
def test_message(wrong, text):
    with pytest.raises(Exception) as caught:  # noqa: PT011 (its type is in the text)
        wrong()
    assert f"{caught.type.__name__}: {caught.value}" == text


def test_every_message_has_a_row():
    functions = inspect.getmembers(transform_errors, inspect.isfunction)
    own = {name for name, one in functions if one.__module__ == transform_errors.__name__}
    assert {name for name in own if not name.startswith("_")} == set(WRONG)
