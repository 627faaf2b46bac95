"""`autograd.functional`: derivatives as functions of functions.

Expected values are closed forms, four-point differences in float64, and numbers that torch.func of
PyTorch 2.13 printed. All inputs are float64 unless a test says otherwise.
"""

from typing import NamedTuple

import numpy as np
import pytest
from support.checks import operations_of_a_test
from support.replay import ExpAndSquare, Witness, leaf

import autograd
from autograd import Function, Tensor, no_grad, ops
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
from autograd.trees import leaves
from autograd.watching import watch


def array(*numbers):
    return np.array(numbers, float)


def assert_tree(found, expected, rtol=1e-12):
    """The same containers, with Tensors of the same shapes and values in their places."""
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        pairs = [(found[key], expected[key]) for key in expected]
    elif isinstance(expected, list | tuple):
        assert type(found) is type(expected)
        pairs = list(zip(found, expected, strict=True))
    else:
        assert type(found) is Tensor
        assert found.shape == np.shape(expected)
        np.testing.assert_allclose(found.data, expected, rtol=rtol, atol=1e-12)
        return
    for one, other in pairs:
        assert_tree(one, other, rtol)


# Values: every way to a derivative, against closed forms

A = array([2, 1, 0], [0, 3, 1], [1, -1, 0.5])
V = array(1, -2, 0.5)


def softmax(x):
    return np.exp(x) / np.exp(x).sum()


def outer(x):
    return np.outer(x, x)


# A function, its gradient and its Hessian
CLOSED_FORMS = {
    "a constant": (lambda x: Tensor(4.0), np.zeros_like, lambda x: np.zeros((3, 3))),
    "sum of x³": (lambda x: (x**3).sum(), lambda x: 3 * x**2, lambda x: np.diag(6 * x)),
    "xᵀAx": (lambda x: x @ (A @ x), lambda x: (A + A.T) @ x, lambda x: A + A.T),
    "log of the sum of eˣ": (
        lambda x: np.log(np.exp(x).sum()),
        softmax,
        lambda x: np.diag(softmax(x)) - outer(softmax(x)),
    ),
    "length": (
        lambda x: np.sqrt((x * x).sum()),
        lambda x: x / np.linalg.norm(x),
        lambda x: np.eye(3) / np.linalg.norm(x) - outer(x) / np.linalg.norm(x) ** 3,
    ),
    "product": (
        lambda x: x[0] * x[1] * x[2],
        lambda x: array(x[1] * x[2], x[0] * x[2], x[0] * x[1]),
        lambda x: array([0, x[2], x[1]], [x[2], 0, x[0]], [x[1], x[0], 0]),
    ),
}

# A way to a derivative of f at x (along v), and what it is by the gradient g and Hessian H
WAYS = {
    "grad": (lambda f, x, v: grad(f)(x), lambda g, H, v: g),
    "value_and_grad": (lambda f, x, v: value_and_grad(f)(x)[1], lambda g, H, v: g),
    "vjp": (lambda f, x, v: vjp(f, x)[1](3.0), lambda g, H, v: (3 * g,)),
    "jvp": (lambda f, x, v: jvp(f, (x,), (v,))[1], lambda g, H, v: g @ v),
    "jacobian": (lambda f, x, v: jacobian(f)(x), lambda g, H, v: g),
    "hessian": (lambda f, x, v: hessian(f)(x), lambda g, H, v: H),
    "hvp": (lambda f, x, v: hvp(f)(x, v), lambda g, H, v: H @ v),
    "grad of jvp": (
        lambda f, x, v: grad(lambda x: jvp(f, (x,), (v,))[1])(x),
        lambda g, H, v: H @ v,
    ),
    "jvp of grad": (lambda f, x, v: jvp(grad(f), (x,), (v,)), lambda g, H, v: (g, H @ v)),
    "jvp of vjp": (
        lambda f, x, v: jvp(lambda x: vjp(f, x)[1](2.0)[0], (x,), (v,))[1],
        lambda g, H, v: 2 * H @ v,
    ),
    "vjp of jvp": (
        lambda f, x, v: vjp(lambda x, v: jvp(f, (x,), (v,))[1], x, v)[1](2.0),
        lambda g, H, v: (2 * H @ v, 2 * g),
    ),
    "jacobian of hessian · v": (
        lambda f, x, v: jacobian(lambda v: hessian(f)(x) @ v)(v),
        lambda g, H, v: H,
    ),
}


@pytest.mark.parametrize("function", CLOSED_FORMS)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_a_derivative(way, function):
    f, gradient, second = CLOSED_FORMS[function]
    derive, expected = WAYS[way]
    x, v = array(0.7, -0.3, 1.1), array(0.5, 2, -1)
    assert_tree(derive(f, x, v), expected(gradient(x), second(x), v))


@pytest.mark.parametrize("function", CLOSED_FORMS)
def test_the_value_comes_with_the_derivative(function):
    f, x = CLOSED_FORMS[function][0], array(0.7, -0.3, 1.1)
    expected = f(Tensor(x)).data
    for value in (value_and_grad(f)(x)[0], vjp(f, x)[0], jvp(f, (x,), (x,))[0]):
        assert_tree(value, expected, rtol=0)


# Printed by PyTorch 2.13 (CPU, float64) for P, X and UP: torch.func.grad(loss)(P),
# torch.func.hessian(loss)(P)["b"]["b"], jvp(grad(loss), (P,), (ALONG,))[1], jvp(hidden, (P,),
# (ALONG,))[1] and vjp(hidden, P)[1](UP), with torch.tanh and -torch.log_softmax(…, 0)[1].
X, UP = array(1, -0.5), array(1, -2)
P = {"W": array([0.5, -1], [0.25, 2]), "b": array(0.1, -0.2)}
ALONG = {"W": array([1, -2], [0.5, 0]), "b": array(3, -1)}
TORCH = {
    "grad": {
        "W": array([0.295804340859, -0.147902170430], [-0.372818366560, 0.186409183280]),
        "b": array(0.295804340859, -0.372818366560),
    },
    "hessian of b": array([-0.454829070490, -0.023635556776], [-0.023635556776, -0.521820234475]),
    "hvp": {
        "W": array([-2.262327574061, 1.131163787030], [0.142732333355, -0.071366166677]),
        "b": array(-2.262327574061, 0.142732333355),
    },
    "jvp": array(1.796006580801, -0.226360518524),
    "vjp": {
        "W": array([0.359201316160, -0.179600658080], [-0.905442074095, 0.452721037048]),
        "b": array(0.359201316160, -0.905442074095),
    },
}


def hidden(p):
    return np.tanh(p["W"] @ X + p["b"])


def loss(p):
    return autograd.softmax_cross_entropy(hidden(p), np.array(1))


def test_a_layer_and_its_loss_have_the_derivatives_that_torch_finds():
    assert_tree(grad(loss)(P), TORCH["grad"], rtol=1e-11)
    assert_tree(hvp(loss)(P, ALONG), TORCH["hvp"], rtol=1e-11)
    assert_tree(jvp(hidden, (P,), (ALONG,))[1], TORCH["jvp"], rtol=1e-11)
    assert_tree(vjp(hidden, P)[1](UP), (TORCH["vjp"],), rtol=1e-11)


def test_the_hessian_of_a_function_of_a_dict_is_a_dict_of_dicts():
    H = TORCH["hessian of b"]  # W comes in as W X, so each index of W brings an X
    expected = {
        "W": {"W": np.einsum("ik,j,l->ijkl", H, X, X), "b": np.einsum("ik,j->ijk", H, X)},
        "b": {"W": np.einsum("ik,l->ikl", H, X), "b": H},
    }
    assert_tree(hessian(loss)(P), expected, rtol=1e-10)


# Jacobians, against four-point differences

IMAGE = np.arange(24.0).reshape(2, 3, 4) / 7 - 1.3
SEPARATED = ([0, 1, 1], slice(None), [2, 0, 2])
JACOBIANS = {
    "x itself": (lambda x: x, array(1, 2)),
    "of numbers": (lambda x: x**3, np.array(2.0)),
    "sums": (
        lambda x: (x**2).sum(axis=(0, -1), keepdims=True) / x.sum(axis=1, keepdims=True),
        IMAGE,
    ),
    "maximum and minimum": (lambda x: x.max(axis=2) * x.min(), IMAGE**2),
    "products": (lambda x: (x @ x.mT) @ array(1, 2, 3), IMAGE),
    "rows of a layer": (lambda x: autograd.affine(x, x[0, :3], array(1, 2, 3)), IMAGE),
    "stretched": (
        lambda x: autograd.broadcast_to(x[:, None], (2, 5, 3, 4)) * x[0],
        IMAGE[:, :, :1],
    ),
    "joined": (lambda x: np.concatenate([x * x, x[:, :1], np.exp(x)], axis=1), IMAGE[0]),
    "stacked": (lambda x: np.stack([x * x, x, np.ones((3, 4)), x], axis=-2), IMAGE[0]),
    "chosen": (lambda x: np.where(x > 0, x * x, -3 * x), IMAGE),
    "softmax": (lambda x: autograd.softmax(x, axis=1) * autograd.log_softmax(x), IMAGE),
    "cross-entropy": (
        lambda x: autograd.softmax_cross_entropy(x, np.array([[3, 0, 1], [2, 2, 0]])),
        IMAGE,
    ),
    "entries": (lambda x: x[1, 2, -1] * x[0, ..., None, ::2], IMAGE),
    "entries by a mask": (lambda x: x[IMAGE > 0] ** 2, IMAGE),
    "entries twice": (lambda x: x[:, [0, 0, 2]] * x[1, [2, 0, 2], [3, 0, 3], None], IMAGE),
    "entries by separated arrays": (lambda x: x[SEPARATED] ** 2 * x[0, :, 1], IMAGE),
    "entries by an array and a number": (lambda x: x[[1, 0, 1], :, 2] * x[0, :, [1, 1, 0]], IMAGE),
    "entries by a truth and a number": (lambda x: x[True, :, 1] ** 2, IMAGE[0]),
    "two outputs": (lambda x: np.multiply(*ExpAndSquare.apply(x)), array(0.5, -1)),
    "one output of two": (lambda x: ExpAndSquare.apply(x)[1] * x, array(0.5, -1)),
    "nothing of something": (lambda x: x[:0] ** 2, array(1, 2)),
    "nothing of nothing": (lambda x: 2 * x, np.zeros((0, 3))),
    "something of nothing": (lambda x: x.sum(axis=0) + array(1, 2, 3), np.zeros((0, 3))),
}


def differences(f, x, step=1e-3):
    """The Jacobian of f at x by four points along each entry, error O(step⁴)."""

    def at(i, steps):
        moved = x.copy()
        moved.reshape(-1)[i] += steps * step
        return f(Tensor(moved)).data

    columns = [
        (8 * (at(i, 1) - at(i, -1)) - (at(i, 2) - at(i, -2))) / (12 * step) for i in range(x.size)
    ]
    shape = f(Tensor(x)).shape
    return np.stack(columns, -1).reshape(shape + x.shape) if columns else np.zeros(shape + x.shape)


@pytest.mark.parametrize(("f", "x"), JACOBIANS.values(), ids=JACOBIANS)
def test_the_jacobian_is_that_of_differences_and_of_every_other_way(f, x):
    J = jacobian(f)(x)
    rng = np.random.default_rng(0)
    u, v = rng.standard_normal(f(Tensor(x)).shape), rng.standard_normal(x.shape)
    np.testing.assert_allclose(J.data, differences(f, x), rtol=1e-8, atol=1e-8)
    assert_tree(vjp(f, x)[1](u), (np.tensordot(u, J.data, u.ndim),))
    assert_tree(jvp(f, (x,), (v,))[1], np.tensordot(J.data, v, v.ndim))
    # Within another transform it has a history: its own slope, by differences too.
    weights = rng.standard_normal(J.shape)
    curved = grad(lambda x: (jacobian(f)(x) * weights).sum())(x)
    by_steps = differences(lambda x: (jacobian(f)(x) * weights).sum(), x)
    np.testing.assert_allclose(curved.data, by_steps, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("n", [1, 7])
def test_one_pass_carries_all_rows(n):
    witness = Witness()
    with watch(witness):
        jacobian(lambda x: np.exp(x) * x)(np.ones(n))
    assert [name for name in witness.replayed_ops if name != "Reshape"] == ["Multiply", "Exp"]


@pytest.mark.parametrize(("key", "scatters"), [(SEPARATED, 9), (([0, 1, 1], [2, 0, 2]), 1)])
def test_separated_arrays_in_a_key_are_looped_over_alone(key, scatters, monkeypatch):
    called = {ops.ScatterAdd: 0, ops.Transpose: 0}

    def count(op):
        def forward(*inputs, before=op.forward, **settings):
            called[op] += 1
            return before(*inputs, **settings)

        monkeypatch.setattr(op, "forward", staticmethod(forward))

    x = IMAGE.T.copy()
    jacobian(lambda x: x.T[key])(x)  # all that is written out once is written out
    for op in called:
        count(op)
    jacobian(lambda x: x.T[key])(x)
    assert called == {ops.ScatterAdd: scatters, ops.Transpose: 1}


# Forms of arguments and values


class Layer(NamedTuple):
    weight: object
    bias: object


W, B = array([1, 2], [3, 4]), array(5, 6)

# A function, its argument and its gradient
FORMS = {
    "a number": (lambda x: x**3, 2.0, 12.0),
    "a whole number": (lambda x: x**3, 2, 12.0),
    "an array without axes": (lambda x: x**3, np.array(2.0), 12.0),
    "an array": (lambda x: (x**3).sum(), B, 3 * B**2),
    "a Tensor": (lambda x: (x**3).sum(), Tensor(B), 3 * B**2),
    "a leaf": (lambda x: (x**3).sum(), Tensor(B, requires_grad=True), 3 * B**2),
    "a result": (lambda x: (x**3).sum(), Tensor(B, requires_grad=True) * 2, 12 * B**2),
    "no entries": (lambda x: (x**3).sum(), np.zeros((2, 0)), np.zeros((2, 0))),
    "no things": (lambda x: Tensor(1.0), (), ()),
    "numbers in a list": (lambda p: p[0] * p[1] ** 2, [2.0, 3.0], [9.0, 12.0]),
    "a tuple": (lambda p: (p[0] @ p[1]).sum(), (W, B), (array([5, 6], [5, 6]), array(4, 6))),
    "a named tuple": (
        lambda p: (p.weight @ p.bias).sum(),
        Layer(W, B),
        Layer(array([5, 6], [5, 6]), array(4, 6)),
    ),
    "a dict": (lambda p: (p["b"] * p["a"]).sum(), {"b": B, "a": 2.0}, {"b": array(2, 2), "a": 11}),
    "nested": (
        lambda p: (p["layers"][1].weight * p["scale"] ** 2 * p["layers"][0].bias[0]).sum(),
        {"layers": [Layer(W, (3.0, {})), Layer(B, 1.0)], "scale": 2.0},
        {
            "layers": [Layer(np.zeros((2, 2)), (44.0, {})), Layer(array(12, 12), 0.0)],
            "scale": 132.0,
        },
    ),
    "what the value does not depend on": (lambda p: p[0] ** 2, [3.0, W, 1.0], [6.0, W * 0, 0.0]),
    "detached": (lambda x: (x.detach() * x).sum(), B, B),
    "integers off the path": (lambda x: (x * np.array([1, 2])).sum(), B, array(1, 2)),
}


@pytest.mark.parametrize(("f", "x", "expected"), FORMS.values(), ids=FORMS)
def test_a_derivative_has_the_form_of_its_argument(f, x, expected):
    assert_tree(grad(f)(x), expected)
    assert_tree(jacobian(f)(x), expected)
    assert_tree(vjp(f, x)[1](1.0), (expected,))
    assert_tree(value_and_grad(lambda y, x: f(x), argnum=1)(7.0, x)[1], expected)


def test_a_jacobian_has_the_form_of_the_value_and_in_it_that_of_the_argument():
    def f(p):
        return {"s": p[0].sum(), "all": [p[0] * p[1], (p[1],)]}

    expected = {
        "s": (array(1, 1), array(0)[0]),
        "all": [(np.eye(2) * 3, B), ((array(0, 0), array(1)[0]),)],
    }
    assert_tree(jacobian(f)((B, np.array(3.0))), expected)


@pytest.mark.parametrize(
    ("argnum", "expected"), [(0, 12.0), (1, 8.0), (2, 6.0), (-1, 6.0), (-3, 12.0)]
)
def test_argnum_names_the_argument(argnum, expected):
    def f(x, y, z):
        return x * y * z

    for derive in (grad, jacobian, lambda f, argnum: lambda *a: value_and_grad(f, argnum)(*a)[1]):
        assert derive(f, argnum)(2.0, 3.0, 4.0).item() == expected
    assert hessian(lambda *a: f(*a) ** 2, argnum)(2.0, 3.0, 4.0).item() == 2 * expected**2


def test_the_other_arguments_arrive_as_they_are():
    given, met = (W, 1.0, "mean", None, {"k": 1}), []
    grad(lambda *args: met.extend(args) or args[1], argnum=1)(*given)
    assert [one is other for one, other in zip(met, given, strict=True)] == [1, 0, 1, 1, 1]


def weighted(x, *, weight, power=2):
    return (weight * x**power).sum()


# What they answer at x for the weight w and power 3.
BY_KEYWORD = {
    "grad": (lambda x, **named: grad(weighted)(x, **named), lambda x, w: 3 * w * x**2),
    "value_and_grad": (
        lambda x, **named: value_and_grad(weighted)(x, **named)[1],
        lambda x, w: 3 * w * x**2,
    ),
    "vjp": (
        lambda x, **named: vjp(weighted, x, **named)[1](1.0)[0],
        lambda x, w: 3 * w * x**2,
    ),
    "jvp": (
        lambda x, **named: jvp(weighted, (x,), (V,), **named)[1],
        lambda x, w: np.sum(3 * w * x**2 * V),
    ),
    "jacobian": (lambda x, **named: jacobian(weighted)(x, **named), lambda x, w: 3 * w * x**2),
    "hessian": (lambda x, **named: hessian(weighted)(x, **named), lambda x, w: np.diag(6 * w * x)),
    "hvp": (lambda x, **named: hvp(weighted)(x, V, **named), lambda x, w: 6 * w * x * V),
    "per_example_grad": (
        lambda x, **named: per_example_grad(lambda x, row, **named: weighted(x * row, **named))(
            x, np.stack([x, 2 * x]), **named
        ),
        lambda x, w: np.stack([3 * w * x**5, 24 * w * x**5]),
    ),
}


@pytest.mark.parametrize(("derivative", "expected"), BY_KEYWORD.values(), ids=BY_KEYWORD)
def test_keyword_arguments_go_to_the_function_as_they_are(derivative, expected):
    x, weight = array(1.5, -0.5, 2), leaf([1.0, 2.0, 3.0])
    found = derivative(x, weight=weight, power=3)
    assert_tree(found, expected(x, weight.data))
    assert weight.grad is None


def test_values_may_be_nested_and_are_pulled_back_one_for_each_tensor():
    value, pull = vjp(lambda x, y: [x * y, {"s": x.sum()}], B, 2.0)
    assert_tree(value, [2 * B, {"s": 11.0}])
    assert_tree(pull(array(1, 10), 100.0), (array(102, 120), 65.0))
    assert_tree(pull([0, 0], 1), (array(1, 1), 0.0))  # again, in numbers
    value, slope = jvp(lambda x, y: [x * y, {"s": x.sum()}], (B, 2.0), ([1, 0], 3))
    assert_tree(slope, [array(17, 18), {"s": 1.0}])


def test_what_goes_along_is_matched_by_key_and_may_be_numbers():
    x = {"a": np.array(2.0), "b": np.array([3.0])}
    v = {"b": [1], "a": 0}
    f = lambda p: p["a"] ** 2 * p["b"]  # noqa: E731
    assert_tree(hvp(f)(x, v), {"a": 4.0, "b": array(0)})
    assert_tree(jvp(f, [x], [v])[1], array(4))


def test_whole_numbers_among_the_values_do_not_change():
    value, slope = jvp(lambda x: (x * 2, x.argmax()), (B,), (B,))
    assert_tree(value, (2 * B, 1))
    assert_tree(slope, (2 * B, 0))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_derivatives_keep_the_dtype(dtype):
    x, wide = np.ones(2, dtype), np.ones(2)
    f = lambda x: (np.tanh(x) * 2 * (x > 0)).sum()  # noqa: E731
    g = lambda x: np.exp(x) * x[:1]  # noqa: E731
    for found in (
        *value_and_grad(f)(x),
        *vjp(g, x)[1](wide),
        *vjp(lambda x: x, x)[1](Tensor(wide)),
        *jvp(g, (x,), (wide,)),
        *vjp(lambda x, unused: x, x, x.copy())[1](wide),
        jacobian(g)(x),
        hessian(f)(x),
        hvp(f)(x, wide),
        hvp(f)(x, Tensor([1, 1], dtype=int)),
        per_example_grad(lambda w, x: f(w * x))(x, np.ones((3, 2), dtype)),
    ):
        assert found.dtype == dtype


# Nesting


def test_derivatives_of_any_order():
    third = grad(grad(grad(lambda x: x**5)))
    assert third(2.0).item() == 240
    assert grad(third)(2.0).item() == 240


def test_the_jacobian_of_a_hessian():
    levi_civita = np.abs(np.cross(np.eye(3)[:, None], np.eye(3)))  # 1 where all indices differ
    assert_tree(jacobian(hessian(lambda x: x[0] * x[1] * x[2]))(V), levi_civita)
    cubes = jacobian(hessian(lambda x: (x**4).sum()))(V)
    assert_tree(cubes, np.einsum("i,ij,ik->ijk", 24 * V, np.eye(3), np.eye(3)))


def test_mixed_derivatives_by_argnum():
    f = lambda x, y: x**2 * y**3  # noqa: E731
    for first, second in ((0, 1), (1, 0)):
        assert grad(grad(f, first), second)(2.0, 3.0).item() == 108
        assert jacobian(jacobian(f, first), second)(2.0, 3.0).item() == 108


def test_a_way_back_may_be_taken_within_another_transform():
    _, pull = vjp(lambda x: A @ x, V)
    assert_tree(jacobian(lambda g: pull(g)[0])(V), A.T)


# The inner derivative counts the uses of its own argument only, not of the outer's. With z = 3.
CONFUSIONS = {
    "x d/dy (x + y)": (lambda x: x * grad(lambda y: x + y)(x), 1.0),
    "x d/dy (x y), at y = x": (lambda x: x * grad(lambda y: x * y)(x), 6.0),
    "d/dy x² y, at y = x²": (lambda x: (lambda s: grad(lambda y: s * y)(s))(x * x), 6.0),
    "three deep": (lambda x: grad(lambda y: x * grad(lambda z: x * y * z)(y))(x), 6.0),
    "jvp": (lambda x: jvp(lambda y: x * y, (x,), (x,))[1], 6.0),
    "jacobian": (lambda x: jacobian(lambda y: x * y)(x), 1.0),
    "two arguments alike": (lambda x: grad(lambda y, z: y * z)(x, x), 1.0),
}


@pytest.mark.parametrize(("f", "expected"), CONFUSIONS.values(), ids=CONFUSIONS)
def test_nested_transforms_keep_their_arguments_apart(f, expected):
    assert grad(f)(3.0).item() == expected
    assert jacobian(f)(3.0).item() == expected
    assert jvp(f, (3.0,), (1.0,))[1].item() == expected


# Results, and what is left untouched

ALL = {
    "grad": lambda f, x: grad(f)(x),
    "value_and_grad": lambda f, x: value_and_grad(f)(x),
    "vjp": lambda f, x: (lambda value, pull: (value, pull(1.0)))(*vjp(f, x)),
    "jvp": lambda f, x: jvp(f, (x,), (x,)),
    "jacobian": lambda f, x: jacobian(f)(x),
    "hessian": lambda f, x: hessian(f)(x),
    "hvp": lambda f, x: hvp(f)(x, x),
    "per_example_grad": lambda f, x: per_example_grad(lambda p, a: f(p) * a.sum())(x, np.ones(1)),
}
each = pytest.mark.parametrize("transform", ALL.values(), ids=ALL)


def cubes(x):
    return (x**3).sum()


@each
@pytest.mark.parametrize("leaf", [True, False])
def test_results_are_plain_outside(transform, leaf):
    for one in leaves(transform(cubes, Tensor(V, requires_grad=leaf))):
        assert not one.requires_grad
        assert one.grad_fn is None


@each
def test_results_have_a_history_within_another_transform(transform):
    recorded = []

    def total(x):
        results = leaves(transform(cubes, x))
        recorded.append([one.requires_grad for one in results])
        return np.stack([one.sum() for one in results]).sum()

    slope = grad(total)(V)
    assert all(recorded[0])
    np.testing.assert_allclose(slope.data, differences(total, V), rtol=1e-8, atol=1e-8)


@each
def test_results_are_plain_again_after_an_error(transform):
    def fails(x):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        transform(fails, V)
    assert not grad(cubes)(V).requires_grad


def test_gradients_are_memory_of_their_own():
    g = V.copy()
    _, pull = vjp(np.add, V, A[0])  # the rules of a sum hand on the upstream gradient itself
    arrays = [g, *(one.data for one in (*pull(g), *pull(g)))]
    for i, one in enumerate(arrays):
        assert one.flags.writeable
        assert not any(np.shares_memory(one, other) for other in arrays[:i])


@each
def test_the_function_is_called_once(transform):
    calls = []
    transform(lambda x: calls.append(1) or cubes(x), V)
    assert len(calls) == 1


def test_value_and_derivative_come_from_the_same_random_numbers():
    rng = np.random.default_rng(0)
    value, slope = jvp(lambda x: x * rng.random(), (2.0,), (1.0,))
    assert value.item() == 2 * slope.item()


@each
def test_no_grad_around_changes_nothing(transform):
    expected = leaves(transform(cubes, V))
    with no_grad():
        found = leaves(transform(cubes, V))
        assert not autograd.is_grad_enabled()
    assert_tree(found, [one.data for one in expected], rtol=0)


# As by torch.func.grad(lambda x: x * c(x))(tensor(2.0)) of PyTorch 2.13, c under torch.no_grad().
CONSTANTS = {
    "a value": (lambda x: x**3, 8.0),
    "a gradient": (grad(lambda y: y**3), 12.0),
    "the value beside it": (lambda x: value_and_grad(cubes)(x)[0], 8.0),
    "a product with the Hessian": (lambda x: hvp(cubes)(x, 1.0), 12.0),
}


@pytest.mark.parametrize(("c", "expected"), CONSTANTS.values(), ids=CONSTANTS)
def test_what_is_computed_within_no_grad_inside_is_a_constant(c, expected):
    c = no_grad()(c)
    assert grad(lambda x: x * c(x))(2.0).item() == expected
    assert grad(c)(2.0).item() == 0


@each
def test_what_is_given_is_left_alone(transform):
    x, plain, w = leaf(V), Tensor(V.copy()), leaf(2.0)
    x.grad = held = Tensor(array(7, 7, 7))
    for given in (x, plain):
        transform(lambda x: cubes(x) * w, given)
        assert given.data.tolist() == V.tolist()
    assert x.grad is held
    assert held.data.tolist() == [7, 7, 7]
    assert w.grad is plain.grad is None
    assert (x.requires_grad, plain.requires_grad) == (True, False)


def test_kept_gradients_of_results_are_left_alone():
    x, met = leaf(V), []

    def f(x):
        met.append(x * 1)
        met[-1].retain_grad()
        return cubes(met[-1])

    grad(f)(x)
    jacobian(f)(x)
    assert [one.grad for one in met] == [None, None]


# Parameters of a model, used through it


class Model:
    """What a module is to this package: something that holds Tensors and is called."""

    def __init__(self):
        self.weight, self.bias = leaf(P["W"], name="weight"), leaf(P["b"], name="bias")
        self.parameters = {"W": self.weight, "b": self.bias}

    def __call__(self, x):
        return np.tanh(self.weight @ x + self.bias)


def test_parameters_may_be_used_through_their_model():
    model = Model()

    def loss_of_model(parameters):
        return autograd.softmax_cross_entropy(model(X), np.array(1))

    assert_tree(grad(loss_of_model)(model.parameters), grad_values := TORCH["grad"], rtol=1e-11)
    assert_tree(vjp(loss_of_model, model.parameters)[1](1), (grad_values,), rtol=1e-11)
    assert_tree(hvp(loss_of_model)(model.parameters, ALONG), TORCH["hvp"], rtol=1e-11)
    H = hessian(loss_of_model)(model.parameters)
    assert_tree(H["b"]["b"], TORCH["hessian of b"], rtol=1e-10)
    slope = jvp(lambda parameters: model(X), (model.parameters,), (ALONG,))[1]
    assert_tree(slope, TORCH["jvp"], rtol=1e-11)
    assert model.weight.grad is model.bias.grad is None


def test_hooks_are_given_one_gradient_at_a_time_and_only_on_the_way():
    x, w, met = leaf(V), leaf(array(1, 2, 3)), []
    x.register_hook(lambda g: met.append(("x", g.shape)) or g / np.sqrt((g * g).sum()))
    w.register_hook(lambda g: met.append(("w", g.shape)))

    def f(x):
        y = A @ (w * x)
        y.register_hook(lambda g: met.append(("y", g.shape)) or -g)
        return y

    rows = -(A * w.data)
    assert_tree(jacobian(f)(x), rows / np.linalg.norm(rows, axis=1, keepdims=True))
    assert sorted(met) == [("x", (3,))] * 3 + [("y", (3,))] * 3
    scalar, kinds = leaf(2.0), []
    scalar.register_hook(lambda g: kinds.append(type(g.data)))
    jacobian(lambda x: x * V)(scalar)
    assert kinds == [np.ndarray] * 3


# Operations of one's own, whose rules know nothing of a leading axis


def an_array(g):
    assert isinstance(g, np.ndarray | Tensor)  # one without axes too
    return g


with operations_of_a_test():

    class Norm(Function):
        def forward(x):
            return np.sqrt((x * x).sum())

        gradients = {"x": lambda g, x, out: an_array(g) * x / out}

    class Product(Function):
        inputs = ("m", "x")

        def forward(m, x):
            return m @ x

        gradients = {"x": lambda g, m: m.T @ g}


@pytest.mark.parametrize("n", [1, 2, 3])
def test_operations_of_ones_own_have_jacobians_and_hessians(n):
    along, x = np.arange(1.0, n + 1), array(3, 4)
    assert_tree(jacobian(lambda x: Norm.apply(x) * along)(x), np.outer(along, x / 5))
    assert_tree(jacobian(lambda x: Product.apply(W, x))(x), W)
    assert_tree(hessian(Norm.apply)(x), (np.eye(2) - np.outer(x, x) / 25) / 5)


def test_the_operations_here_take_all_rows_at_once():
    looped = [op for op in Function.registry if op.signature.rules and not op.batched]
    names = {op.__name__ for op in looped if not op.signature.elementwise}
    # Indexing decides by its key; sliding sums are for one row.
    assert names == {"GetItem", "ScatterAdd", "Convolve", "Correlate"}


# Examples

ROWS, TARGETS = array([1, 2], [0, -1], [3, 0.5]), array(1, 0, -2)


def error(w, x, y):
    return ((x @ w - y) ** 2).mean()


BY_HAND = 2 * (ROWS @ B - TARGETS)[:, None] * ROWS


@pytest.mark.parametrize("kind", [np.array, Tensor], ids=["arrays", "Tensors"])
def test_the_gradients_of_examples_are_those_of_a_loop_and_their_mean_that_of_the_batch(kind):
    rows, targets = kind(ROWS), kind(TARGETS)
    found = per_example_grad(error)(B, rows, targets)
    assert_tree(found, BY_HAND)
    assert_tree(grad(error)(B, rows, targets), BY_HAND.mean(axis=0))
    for i in range(3):
        assert_tree(found[i], grad(error)(B, rows[i : i + 1], targets[i : i + 1]).data)


def test_each_example_comes_alone_with_its_axis():
    met = []
    per_example_grad(lambda w, x, y: met.append((x, y)) or error(w, x, y))(B, ROWS, TARGETS)
    assert [(x.tolist(), y.tolist()) for x, y in met] == [
        ([row], [target]) for row, target in zip(ROWS.tolist(), TARGETS.tolist(), strict=True)
    ]


def test_the_gradients_of_examples_have_the_form_of_the_parameters():
    def of_dict(p, x, y):
        return error(p["w"], x, y - p["b"]) + 0 * p["unused"][0].sum()

    p = {"w": B, "b": 0.0, "unused": [W]}
    expected = {"w": BY_HAND, "b": 2 * (ROWS @ B - TARGETS), "unused": [np.zeros((3, 2, 2))]}
    assert_tree(per_example_grad(of_dict)(p, ROWS, TARGETS), expected)
    none = per_example_grad(of_dict)(p, ROWS[:0], TARGETS[:0])
    assert_tree(none, {"w": np.zeros((0, 2)), "b": np.zeros(0), "unused": [np.zeros((0, 2, 2))]})


def test_the_gradients_of_examples_of_a_model():
    model = Model()

    def of_model(parameters, x, labels):
        rows = np.tanh(autograd.affine(x, model.weight, model.bias))
        return autograd.softmax_cross_entropy(rows, labels).mean()

    given = (model.parameters, np.stack([X, -X, 2 * X]), np.array([1, 0, 1]))
    found, batch = per_example_grad(of_model)(*given), grad(of_model)(*given)
    for name in ("W", "b"):
        assert_tree(found[name][0], TORCH["grad"][name], rtol=1e-11)
        assert_tree(found[name].mean(axis=0), batch[name].data)
