"""What a node sends is handed over without copies, and nobody's memory is written."""

import weakref

import numpy as np
import pytest

import autograd
from autograd import Tensor, record
from autograd.function import Elementwise, Function
from autograd.leaves import accumulate_all
from autograd.ops import Multiply

HELD = []


def leaf(values):
    return Tensor(np.array(values, np.float32), requires_grad=True)


def identity(rule):
    """An operation y = x whose gradient is what the rule makes of g and x."""

    class Same(Function):
        def forward(x):
            return x * 1

        gradients = {"x": rule}

    return Same.apply


def keep(array):
    HELD.append(array)
    return array


def test_a_gradient_that_nobody_else_holds_becomes_the_leafs_without_a_copy():
    x, made = leaf([1.0, 2.0, 3.0]), []

    def rule(g):
        fresh = g * 2
        made.append((fresh.ctypes.data, weakref.ref(fresh)))
        return fresh

    identity(rule)(x).sum().backward()
    address, array = made[0]
    assert x.grad.data.ctypes.data == address
    assert x.grad.data is array()


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(lambda g: keep(g * 2), id="somebody holds it"),
        pytest.param(lambda g: keep(g * 2)[:], id="a view of what somebody holds"),
        pytest.param(lambda g, x: x, id="an array that the graph keeps"),
        pytest.param(lambda g: g, id="what came from above"),
    ],
)
def test_a_gradient_that_others_can_see_is_copied(rule):
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    upstream = Tensor(np.full((2, 2), 5, np.float32))
    HELD.clear()
    identity(rule)(x).backward(upstream, retain_graph=True)
    for other in (x.data, upstream.data, *HELD):
        assert not np.shares_memory(x.grad.data, other)


def test_what_a_leaf_was_given_is_let_go_before_the_next_one_gets_its_own():
    x, y = leaf([1.0]), leaf([2.0])
    given = np.ones((2, 1), np.float32)[0]  # a view, so that it is copied
    gradients, held = {x: given, y: np.ones(1, np.float32)}, weakref.ref(given)
    del given
    alive = []

    class Home:
        def is_free(self):
            alive.append(held() is not None)
            return False

    y._home = Home()
    accumulate_all(gradients, Tensor)
    assert alive == [False]


def test_two_leaves_never_share_a_gradient():
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (x + y).backward(Tensor(np.array([1.0, 1.0], np.float32)))
    assert not np.shares_memory(x.grad.data, y.grad.data)


def test_a_gradient_that_is_not_in_rows_is_laid_out_anew():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    identity(lambda g: np.asfortranarray(g * 2))(x).backward(np.ones((2, 2), np.float32))
    assert x.grad.data.flags.c_contiguous


def everything_at_once(x, y):
    """Paths that meet, broadcasting, single numbers, several outputs, any number of inputs."""
    spread = x * y + x / y.sum() - y
    parts = autograd.split(autograd.concatenate([spread, x, spread]), 3)
    return (autograd.maximum(parts[0], 0.0) * parts[1] + parts[2] ** 2 * (x.mean() * y.max())).sum()


@pytest.mark.parametrize("shapes", [((3, 2), (2,)), ((3, 2), (3, 2)), ((3, 1), (1, 1))])
def test_the_text_written_out_hands_over_as_the_general_way_does(shapes):
    rng = np.random.default_rng(3)
    x, y = (leaf(rng.random(shape) + 0.5) for shape in shapes)
    everything_at_once(x, y).backward()
    plain = x.grad.data.copy(), y.grad.data.copy()
    x.grad = y.grad = None
    with record():  # somebody watches
        everything_at_once(x, y).backward()
    np.testing.assert_array_equal(x.grad.data, plain[0])
    np.testing.assert_array_equal(y.grad.data, plain[1])
    towards = autograd.grad(everything_at_once(x, y), (x, y))
    for found, expected in zip(towards, plain, strict=True):
        np.testing.assert_array_equal(found.data, expected)


@pytest.mark.parametrize("retain", [True, False])
def test_values_are_released_unless_they_are_retained(retain):
    x = leaf([1.0, 2.0])
    loss = (x * x).sum()
    loss.backward(retain_graph=retain)
    assert (loss.grad_fn.edges[0].kept is None) is not retain


def test_the_text_for_a_product_reads_as_one_would_write_it():
    text = Multiply.plans[3].send_source
    assert "gradient_0, gradient_1, = g * local_x(y), g * local_y(x)," in text
    assert "edge_0, edge_1, = node.edges" in text


def test_an_input_may_not_have_a_name_that_the_text_uses():
    with pytest.raises(TypeError, match="the name 'arrived' is reserved"):

        class Clash(Elementwise):
            def forward(arrived):
                return arrived

            local_gradients = {"arrived": lambda arrived: arrived}
