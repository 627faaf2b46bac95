"""What a graph keeps alive, how long, and that it goes without the garbage collector."""

import gc
import weakref
from contextlib import suppress

import numpy as np
import pytest
from support.replay import ExpAndSquare, leaf

import autograd
from autograd import Function, Tensor, grad, no_grad


@pytest.fixture
def uncollected():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def no_backward(loss, x):
    pass


def half_a_backward(loss, x):
    loss.register_hook(lambda g: 1 / 0)
    with suppress(ZeroDivisionError):
        loss.backward()


def penalty(loss, x):
    slope = grad(loss, x, create_graph=True)
    (slope * slope).sum().backward()


ENDINGS = {
    "no backward": no_backward,
    "backward": lambda loss, x: loss.backward(),
    "backward, retained": lambda loss, x: loss.backward(retain_graph=True),
    "backward that failed": half_a_backward,
    "grad": grad,
    "second derivatives": penalty,
}


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
def test_a_graph_goes_with_its_last_name(end):
    x = leaf([1.0, 2.0])
    e, s = ExpAndSquare.apply(x)
    hidden = (e * s).tanh()
    hidden.retain_grad()
    hidden.register_hook(lambda g: g * 2)
    loss = (autograd.concatenate([hidden, e[:1]]) @ leaf([1.0, 2.0, 3.0])).mean()
    things = [weakref.ref(t) for t in (e, s, hidden, loss)]
    stack = [loss.grad_fn]
    while stack:
        node = stack.pop()
        things.append(weakref.ref(node))
        stack += [edge for edge in node.edges if isinstance(edge, Function)]
    del node
    assert len(things) > 10
    end(loss, x)
    del e, s, hidden, loss
    assert [thing() for thing in things if thing() is not None] == []


@pytest.mark.usefixtures("uncollected")
def test_intermediate_tensors_go_at_once():
    x = leaf([1.0, 2.0])
    middle = x * 2
    seen = weakref.ref(middle)
    result = middle.exp()
    del middle
    assert seen() is None
    result.sum().backward()
    np.testing.assert_allclose(x.grad.data, 2 * np.exp([2.0, 4.0]), rtol=1e-15)


CONSTANT = Tensor(np.array([[1.0, 2.0], [3.0, 4.0]]))
KEPT = {
    # what is done with an intermediate value, and whether its array is needed for the way back
    "x + 1": (lambda x: x + 1, False),
    "2 · x": (lambda x: 2.0 * x, False),
    "x * x": (lambda x: x * x, True),
    "exp keeps what it gives": (autograd.exp, False),
    "log keeps what it takes": (autograd.log, True),
    "sum": (lambda x: x.sum(axis=0), False),
    "max": (lambda x: x.max(axis=0), True),
    "product with a constant matrix": (lambda x: x @ CONSTANT, False),
    "product with a matrix of parameters": (lambda x: x @ leaf([[1.0], [2.0]]), True),
    "affine without gradient for the weight": (
        lambda x: autograd.affine(x, CONSTANT, np.zeros(2)),
        False,
    ),
    "comparison": (lambda x: x > 1, False),
}


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(("fn", "needed"), KEPT.values(), ids=KEPT)
def test_what_no_rule_names_is_let_go_at_once(fn, needed):
    middle = leaf([[1.0, 2.0], [3.0, 4.0]]) + 1.0
    array = weakref.ref(middle.data)
    result = fn(middle)
    del middle
    assert (array() is not None) is needed
    del result
    assert array() is None


@pytest.mark.usefixtures("uncollected")
def test_within_no_grad_nothing_is_kept():
    x = leaf([1.0, 2.0])
    with no_grad():
        middle = x + 1
        array = weakref.ref(middle.data)
        result = middle * middle
        del middle
    assert array() is None
    assert result.grad_fn is None


@pytest.mark.usefixtures("uncollected")
def test_memory_is_released_while_backward_goes_on():
    x = leaf([1.0, 2.0])
    values, alive = [], []
    y = x * 1
    y.register_hook(lambda g: alive.extend(value() is not None for value in values))
    for _ in range(4):
        y = y.exp() * 0.1
        values.append(weakref.ref(y.grad_fn.edges[0].kept[0]))  # what exp gave
    loss = y.sum()
    del y
    assert all(value() is not None for value in values)
    loss.backward()
    assert alive == [False, False, False, False]
