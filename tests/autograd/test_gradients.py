"""`autograd.grad`: gradients as values, of any order."""

import math

import numpy as np
import pytest
from support.checks import operations_of_a_test
from support.replay import ExpAndSquare, Witness, leaf

from autograd import Function, Tensor, enable_grad, grad, no_grad
from autograd.watching import watch


def test_grad_answers_in_the_form_of_the_inputs():
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    loss = (x * y).sum()
    alone = grad(loss, x, retain_graph=True)
    several = grad(loss, [x, y])
    assert isinstance(alone, Tensor)
    assert isinstance(several, tuple)
    for answer, expected in ((alone, y), (several[0], y), (several[1], x)):
        np.testing.assert_array_equal(answer.data, expected.data)
        assert not answer.requires_grad


def test_grad_takes_generators_as_modules_give_them():
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    outputs = ((one * one).sum() for one in (x, y))
    by_x, by_y = grad(outputs, (one for one in (x, y)))
    np.testing.assert_array_equal(by_x.data, [2, 4])
    np.testing.assert_array_equal(by_y.data, [6, 8])


def test_grad_with_respect_to_results_and_to_the_output_itself():
    x = leaf(3.0)
    y = x * x
    z = y * x
    by_z, by_y, by_x, again = grad(z, (z, y, x, x))
    assert [g.item() for g in (by_z, by_y, by_x, again)] == [1, 3, 27, 27]


def test_grad_of_several_outputs_is_the_sum():
    x = leaf([1.0, 2.0])
    g = grad([x.sum(), x * x], x, grad_outputs=[None, [10.0, 100.0]])
    np.testing.assert_array_equal(g.data, [21, 401])


@pytest.mark.parametrize(
    "upstream",
    [[10, 100], np.array([10, 100]), Tensor([10, 100]), (Tensor([10, 100]),)],
    ids=["numbers", "array", "Tensor", "one for each output"],
)
def test_the_upstream_gradient_of_one_output(upstream):
    x = leaf([1.0, 2.0])
    np.testing.assert_array_equal(grad(x * x, x, grad_outputs=upstream).data, [20, 400])


def test_grad_of_inputs_that_are_not_used():
    x, unused = leaf(1.0), leaf(2.0)
    used, missing = grad(x * 2, (x, unused), allow_unused=True)
    assert used.item() == 2
    assert missing is None
    with pytest.raises(RuntimeError, match="no output depends on input 1"):
        grad(x * 2, (x, unused))


@pytest.mark.parametrize("create_graph", [False, True])
def test_zeros_for_inputs_that_are_not_used(create_graph):
    x, unused = leaf(1.0), leaf([2.0, 3.0], np.float16)
    used, zeros = grad(x * 2, (x, unused), create_graph=create_graph, materialize_grads=True)
    assert used.item() == 2
    np.testing.assert_array_equal(zeros.data, [0, 0])
    assert (zeros.dtype, zeros.requires_grad) == (np.float16, False)


def test_zeros_too_where_no_gradient_comes_back():
    x = leaf([1.0, 2.0])
    e, s = ExpAndSquare.apply(x)
    zeros = grad(e.sum(), s, materialize_grads=True)
    np.testing.assert_array_equal(zeros.data, [0, 0])


def test_grad_leaves_gradients_alone():
    x = leaf(3.0)
    (x * 2).backward()
    held, value = x.grad, x.grad.item()
    y = x * x
    y.retain_grad()
    other = leaf(1.0)
    grad(y * other, x)
    assert x.grad is held
    assert held.item() == value
    assert y.grad is None
    assert other.grad is None


def test_grad_calls_no_rule_off_the_path():
    def forbidden(g):
        raise AssertionError("a rule that nobody asked for was called")

    with operations_of_a_test():

        class OneWay(Function):
            def forward(x, y):
                return x * y

            gradients = {"x": lambda g, y: g * y, "y": forbidden}

    x, y = leaf(3.0), leaf(4.0)
    inner = OneWay.apply(x, y * 1)
    aside = OneWay.apply(leaf(1.0), leaf(1.0))
    witness = Witness()
    with watch(witness):
        assert grad(inner + aside, x).item() == 4
    assert witness.replayed_ops == ["Add", "OneWay"]


def test_grad_stops_at_the_inputs():
    x = leaf(3.0)
    y = x.exp()
    z = y * y
    witness = Witness()
    with watch(witness):
        grad(z, y)
    assert witness.replayed_ops == ["Multiply"]


def test_grad_releases_the_graph_unless_told_otherwise():
    x = leaf(3.0)
    y = x * x
    grad(y, x, retain_graph=True)
    grad(y, x)
    with pytest.raises(RuntimeError, match="a second time"):
        grad(y, x)
    y = x * x
    grad(y, x, create_graph=True)
    grad(y, x, create_graph=True, retain_graph=False)
    with pytest.raises(RuntimeError, match="a second time"):
        grad(y, x)


def test_derivatives_up_to_the_third():
    x = leaf([1.0, -2.0, 0.5])
    derivative, expected = (x**5).sum(), [5 * x**4, 20 * x**3, 60 * x**2]
    for value in expected:
        derivative = grad(derivative.sum(), x, create_graph=True)
        np.testing.assert_allclose(derivative.data, value.data, rtol=1e-14)


def test_mixed_partial_derivatives_in_any_order():
    x, y = leaf(1.5), leaf(-0.5)
    f = x**2 * y**3 + (x * y).exp()
    e = math.exp(1.5 * -0.5)
    expected = 12 * 1.5 * -0.5 + e * 1.5 * (2 + 1.5 * -0.5)  # ∂³f/∂x∂y²
    for order in ((x, y, y), (y, x, y), (y, y, x)):
        g = f
        for variable in order:
            g = grad(g, variable, create_graph=True)
        assert g.item() == pytest.approx(expected, rel=1e-13)


def test_a_gradient_penalty_reaches_the_parameters():
    w, x = leaf([2.0, 3.0]), leaf([1.0, 1.0])
    slope = grad((w * x * x).sum(), x, create_graph=True)  # 2wx
    (slope**2).sum().backward()
    np.testing.assert_array_equal(w.grad.data, [16, 24])  # 8wx²
    np.testing.assert_array_equal(x.grad.data, [32, 72])  # 8w²x


FORWARD_PASSES = {
    "x + 1": (lambda x: x + 1, 1.0),
    "x reshaped": (lambda x: x.reshape(1, 2).reshape(2), 1.0),
    "x itself": (lambda x: x, 1.0),
    "3x": (lambda x: 3 * x, 3.0),
    "x * x": (lambda x: x * x, 14.0),
}


@pytest.mark.parametrize(("fn", "slope"), FORWARD_PASSES.values(), ids=FORWARD_PASSES)
def test_the_upstream_gradient_may_have_a_history(fn, slope):
    # The gradient is linear in the upstream gradient v, so its derivative by v is the forward
    # derivative: two backward passes make a forward one.
    x, v = leaf([7.0, 7.0]), leaf([1.0, 1.0])
    along = grad(fn(x), x, v, create_graph=True)
    np.testing.assert_array_equal(grad(along, v, np.array([1.0, 2.0])).data, [slope, 2 * slope])


def test_backward_too_keeps_the_history_of_the_upstream_gradient():
    x, v = leaf([7.0, 7.0]), leaf([1.0, 1.0])
    with pytest.warns(UserWarning, match="create_graph=True"):
        (x + 1).backward(v, create_graph=True)
    np.testing.assert_array_equal(grad(x.grad, v, np.array([1.0, 2.0])).data, [1, 2])
    assert not np.shares_memory(x.grad.data, v.data)
    x.grad = None


def test_create_graph_gives_a_history_within_no_grad_too():
    x = leaf(3.0)
    y = x**3
    with no_grad():
        slope = grad(y, x, create_graph=True)
    assert grad(slope, x).item() == 18


def test_without_create_graph_nothing_is_recorded():
    x = leaf(3.0)
    witness = Witness()
    y = x * x
    with enable_grad(), watch(witness):
        slope = grad(y, x)
    assert slope.grad_fn is None
    assert witness.called_ops == []


def test_backward_with_create_graph_warns_and_gives_a_history():
    x = leaf(3.0)
    with pytest.warns(UserWarning, match="create_graph=True") as caught:
        (x**3).backward(create_graph=True)
    assert str(caught[0].message) == (
        "backward(create_graph=True) leaves gradients that hold their own graph, which holds the "
        "leaf: a cycle that keeps memory alive. Use autograd.grad(loss, inputs, create_graph=True) "
        "instead, or set .grad = None when done."
    )
    assert grad(x.grad, x).item() == 18
    x.grad = None
