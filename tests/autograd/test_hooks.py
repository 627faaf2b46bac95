"""Hooks on leaves and results, and gradients retained for results."""

import numpy as np
import pytest
from support.replay import leaf

from autograd import grad, no_grad


@pytest.mark.parametrize("where", ["leaf", "result"])
def test_a_hook_sees_the_whole_gradient_once(where):
    x = leaf(3.0)
    y = x * 1
    seen = []
    (x if where == "leaf" else y).register_hook(lambda g: seen.append(g.item()))
    (y * y + y).backward()
    assert seen == [7]


@pytest.mark.parametrize("where", ["leaf", "result"])
def test_hooks_run_in_order_and_each_may_replace_the_gradient(where):
    x = leaf(3.0)
    y = x * 2
    hooked = x if where == "leaf" else y
    hooked.register_hook(lambda g: g + 1)
    hooked.register_hook(lambda g: None)
    hooked.register_hook(lambda g: g * 10)
    y.backward()
    assert x.grad.item() == (30 if where == "leaf" else 40)


@pytest.mark.parametrize("where", ["leaf", "result"])
@pytest.mark.parametrize(
    "take_away", [lambda handle: handle.remove(), lambda handle: handle()], ids=["remove", "call"]
)
def test_a_removed_hook_is_not_called_again_and_may_be_removed_twice(where, take_away):
    x = leaf(3.0)
    y = x * 1
    hooked = x if where == "leaf" else y
    handle = hooked.register_hook(lambda g: g * 100)
    hooked.register_hook(lambda g: g * 2)
    take_away(handle)
    take_away(handle)
    y.backward()
    assert x.grad.item() == 2


@pytest.mark.parametrize("where", ["leaf", "result"])
def test_a_hook_that_removes_itself_does_not_skip_the_next(where):
    x = leaf(3.0)
    y = x * 1
    hooked = x if where == "leaf" else y
    seen = []
    remove = hooked.register_hook(lambda g: remove() or seen.append("once"))
    hooked.register_hook(lambda g: seen.append("always"))
    y.backward(retain_graph=True)
    y.backward()
    assert seen == ["once", "always", "always"]


def test_a_hook_cannot_write_into_the_gradient_of_another():
    w, b = leaf([1.0]), leaf([2.0])

    def double_in_place(g):
        with no_grad():
            g *= 2

    w.register_hook(double_in_place)
    with pytest.raises(ValueError, match="read-only"):
        (w + b).backward([1.0])


@pytest.mark.parametrize("where", ["leaf", "result"])
def test_what_a_hook_returns_is_brought_to_the_dtype_of_the_gradient(where):
    x = leaf([1.0, 2.0], np.float32)
    y = x * 1
    (x if where == "leaf" else y).register_hook(lambda g: g * np.ones(2))  # float64
    y.sum().backward()
    assert x.grad.dtype == np.float32


def test_hooks_may_be_differentiated():
    x = leaf(3.0)
    y = x * 1
    remove = y.register_hook(lambda g: g * g)
    first = grad(y * y, x, create_graph=True)  # (2x)²
    remove()
    assert first.item() == 36
    assert grad(first, x).item() == 24


def test_retained_gradients_of_results_accumulate():
    x = leaf(3.0)
    y = x * 2
    y.retain_grad()
    y.retain_grad()  # once is enough
    (y * y).backward(retain_graph=True)
    assert y.grad.item() == 12
    (5 * y).backward()
    assert y.grad.item() == 17
    assert x.grad.item() == 34


def test_a_retained_gradient_is_what_went_on_after_the_hooks_before_it():
    x = leaf(3.0)
    y = x * 2
    y.register_hook(lambda g: g * 10)
    y.retain_grad()
    y.backward()
    assert (y.grad.item(), x.grad.item()) == (10, 20)


def test_retain_grad_of_a_leaf_changes_nothing():
    x = leaf(3.0)
    x.retain_grad()
    (x * 2).backward()
    assert x.grad.item() == 2
