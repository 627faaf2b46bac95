"""Whose memory a gradient is: never another's, and at home where there is a home."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from support.replay import leaf

import autograd
from autograd import grad, no_grad
from autograd.leaves import Home

# Whose memory a gradient is

SHARERS = {
    "w + b": lambda w, b: w + b,
    "w - b": lambda w, b: w - b,
    "w + b, reshaped": lambda w, b: (w.reshape(1, 2) + b).reshape(2),
    "a result used twice": lambda w, b: (lambda s: s + s)(w + b),
    "halves of a stack": lambda w, b: autograd.stack([w, b]),
}


@pytest.mark.parametrize("fn", SHARERS.values(), ids=SHARERS)
@pytest.mark.parametrize("through", ["backward", "grad", "grad, create_graph"])
def test_gradients_share_no_memory(fn, through):
    w, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    result = fn(w, b)
    upstream = np.ones(result.shape)
    if through == "backward":
        result.backward(upstream)
        by_w, by_b = w.grad, b.grad
    else:
        by_w, by_b = grad(result, (w, b), upstream, create_graph=through != "grad")
    before = by_b.data.copy()
    with no_grad():
        by_w *= 0.5  # as clipping does
    np.testing.assert_array_equal(by_b.data, before)
    np.testing.assert_array_equal(upstream, np.ones(result.shape))


def test_a_leaf_does_not_keep_the_upstream_gradient_it_was_given():
    x = leaf([1.0, 2.0])
    upstream = np.array([1.0, 1.0])
    x.backward(upstream)
    x.reshape(2, 1).backward(upstream.reshape(2, 1))
    np.testing.assert_array_equal(upstream, [1, 1])
    np.testing.assert_array_equal(x.grad.data, [2, 2])
    assert not np.shares_memory(x.grad.data, upstream)


HOLDING = {
    "the Tensor": lambda g: g,
    "its array": lambda g: g.data,
    "a view of it": lambda g: g.data[1:],
    "a view of a view": lambda g: g.data.reshape(1, 3).T[1:],
    "a detached Tensor": lambda g: g.detach(),
    "an array from asarray": lambda g: np.asarray(g),
}


@pytest.mark.parametrize("hold", HOLDING.values(), ids=HOLDING)
@pytest.mark.parametrize("at_home", [False, True], ids=["anywhere", "at home"])
def test_a_gradient_held_across_none_keeps_its_value(hold, at_home):
    buffer = np.zeros(8)
    x = leaf([1.0, 2.0, 3.0])
    if at_home:
        x._home = Home(buffer, 2, x.shape)
    (x * x).sum().backward()
    assert np.shares_memory(x.grad.data, buffer) is at_home
    held = hold(x.grad)
    before = np.array(held)

    x.grad = None
    (x * 10).sum().backward()
    np.testing.assert_array_equal(np.asarray(held), before)
    np.testing.assert_array_equal(x.grad.data, [10, 10, 10])
    assert not np.shares_memory(x.grad.data, np.asarray(held))

    del held
    x.grad = None
    (x * 20).sum().backward()
    assert np.shares_memory(x.grad.data, buffer) is at_home  # home again
    np.testing.assert_array_equal(x.grad.data, [20, 20, 20])


def test_homes_side_by_side_leave_each_other_alone():
    buffer = np.full(7, -1.0)
    x, y = leaf([1.0, 2.0]), leaf([[3.0], [4.0], [5.0]])
    x._home, y._home = Home(buffer, 1, x.shape), Home(buffer, 3, y.shape)
    ((x * 2).sum() + (y * 3).sum()).backward()
    np.testing.assert_array_equal(buffer, [-1, 2, 2, 3, 3, 3, -1])


def test_gradients_accumulate_in_place():
    x = leaf([1.0, 2.0])
    (x * 3).sum().backward()
    held, array = x.grad, x.grad.data
    (x * x).sum().backward()
    assert x.grad is held
    assert x.grad.data is array
    np.testing.assert_array_equal(array, [5, 7])


def test_a_read_only_gradient_is_replaced_rather_than_written():
    x = leaf([1.0, 2.0])
    given = np.broadcast_to(np.array(5.0), (2,))
    x.grad = given
    (x * 3).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [8, 8])
    assert given[0] == 5


# Threads


@pytest.mark.parametrize("at_home", [False, True], ids=["anywhere", "at home"])
def test_concurrent_passes_over_shared_parameters_add_up_exactly(at_home):
    threads, passes = 4, 20
    weight = leaf(np.ones(500_000))  # adding takes long enough to be interrupted
    if at_home:
        weight._home = Home(np.zeros(weight.size), 0, weight.shape)
    start = threading.Barrier(threads)

    def work(factor):
        start.wait()
        for _ in range(passes):
            (weight * factor).sum().backward()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(1, threads + 1)))
    assert np.all(weight.grad.data == passes * sum(range(1, threads + 1)))
