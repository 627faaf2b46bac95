"""At the edges: very deep, very long, powers at 0, numbers without axes, and writes of every kind.

The smaller cases of each are where they belong: test_engine, test_memory, test_leaves,
test_grad_mode, test_conventions, test_versions.
"""

from __future__ import annotations

import gc
import re
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd import Tensor, no_grad
from autograd.versions import memory_owner

Array = Any


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def leaf(values: Any, dtype: Any = np.float64) -> Tensor:
    return Tensor(np.array(values, dtype), requires_grad=True)


# Deep


@pytest.mark.usefixtures("uncollected")
def test_a_chain_of_a_million_nodes() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(1_000_000):
        y = y + 1.0
    assert y.item() == 1_000_001
    y.backward()
    assert x.grad is not None
    assert x.grad.item() == 1
    first = y.grad_fn
    last = weakref.ref(first)
    while first.edges[0] is not x:
        first = first.edges[0]
    first = weakref.ref(first)
    del y
    assert (last(), first()) == (None, None)


# Long


class Learning:
    """A network with all it takes to train it."""

    def __init__(self) -> None:
        autograd.manual_seed(0)
        self.model = nn.Sequential(
            nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 3), nn.Tanh()
        )
        self.optimizer = optim.Adam(self.model.parameters(), lr=1e-3)
        self.x = np.random.default_rng(0).standard_normal((16, 4)).astype(np.float32)
        self.labels = np.arange(16) % 3

    def loss(self) -> Tensor:
        return nn.functional.cross_entropy(self.model(self.x), self.labels)


def plain(task: Learning) -> None:
    loss = task.loss()
    task.optimizer.zero_grad()
    loss.backward()
    task.optimizer.step()


def accumulating(task: Learning) -> None:
    for _ in range(2):
        (task.loss() / 2).backward()
    task.optimizer.step()
    task.optimizer.zero_grad()


def with_hooks_and_kept_gradients(task: Learning) -> None:
    task.optimizer.zero_grad()
    hidden = task.model(task.x)
    hidden.register_hook(lambda g: 2 * g)
    hidden.retain_grad()
    loss = nn.functional.cross_entropy(hidden, task.labels)
    loss.backward(retain_graph=True)
    loss.backward()
    task.optimizer.step()


def with_a_gradient_penalty(task: Learning) -> None:
    x = Tensor(task.x, requires_grad=True)
    slope = autograd.grad(task.model(x).sum(), x, create_graph=True)
    task.optimizer.zero_grad()
    (task.loss() + (slope * slope).mean()).backward()
    task.optimizer.step()


def with_a_look_at_the_errors(task: Learning) -> None:
    plain(task)
    with no_grad():
        (task.model(task.x).argmax(axis=1) == task.labels).data.mean()
    with pytest.raises(ValueError, match="Affine"):
        task.model(task.x[:, :3])
    loss = task.loss()
    loss.backward()
    with pytest.raises(RuntimeError, match="a second time"):
        loss.backward()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(
    "step",
    [
        plain,
        accumulating,
        with_hooks_and_kept_gradients,
        with_a_gradient_penalty,
        with_a_look_at_the_errors,
    ],
)
def test_a_thousand_training_steps_leave_memory_flat(step: Callable[[Learning], None]) -> None:
    task = Learning()
    for _ in range(1000):  # until Python's stores of spare tuples and the like are full
        step(task)
    blocks = sys.getallocatedblocks()  # of memory; every array and every node takes at least one
    for _ in range(1000):
        step(task)
    assert sys.getallocatedblocks() - blocks < 100


@pytest.mark.usefixtures("uncollected")
def test_a_models_graph_goes_with_the_loss() -> None:
    task = Learning()
    loss = task.loss()
    nodes = [loss.grad_fn]
    for node in nodes:  # the list grows while it is read
        nodes += [edge for edge in node.edges if not isinstance(edge, Tensor)]
    alive = [weakref.ref(node) for node in nodes]
    assert len(alive) > 5
    del node, nodes
    loss.backward(retain_graph=True)
    del loss
    assert [one() for one in alive if one() is not None] == []


# Powers at 0

AT_0: dict[str, tuple[Callable[[Tensor], Any], list[float]]] = {
    # value, first, second and third derivative
    "x ** 2": (lambda x: x**2, [0, 0, 2, 0]),
    "x ** 2.0": (lambda x: x**2.0, [0, 0, 2, 0]),
    "x ** np.float64(2)": (lambda x: x ** np.float64(2), [0, 0, 2, 0]),
    "x ** Tensor(2)": (lambda x: x ** Tensor(2.0), [0, 0, 2, 0]),
    "x ** array": (lambda x: x ** np.full_like(x.data, 2), [0, 0, 2, 0]),
    "x * x": (lambda x: x * x, [0, 0, 2, 0]),
    "np.square(x)": (np.square, [0, 0, 2, 0]),
    "np.power(x, 2)": (lambda x: np.power(x, 2), [0, 0, 2, 0]),
    "x ** 0": (lambda x: x**0, [1, 0, 0, 0]),
    "x ** 0.0": (lambda x: x**0.0, [1, 0, 0, 0]),
    "x ** Tensor(0)": (lambda x: x ** Tensor(0.0), [1, 0, 0, 0]),
    "x ** array of 0": (lambda x: x ** np.full_like(x.data, 0), [1, 0, 0, 0]),
    "np.power(x, 0)": (lambda x: np.power(x, 0), [1, 0, 0, 0]),
    "x ** 1": (lambda x: x**1, [0, 1, 0, 0]),
    "x ** 3": (lambda x: x**3, [0, 0, 0, 6]),
    "3 x ** 0 + 2 x ** 2": (lambda x: 3 * x**0 + 2 * x**2, [3, 0, 4, 0]),
}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (2,)], ids=["a number", "two numbers"])
@pytest.mark.parametrize(("function", "expected"), AT_0.values(), ids=AT_0)
def test_powers_at_0(function: Any, expected: list[float], shape: Any, dtype: Any) -> None:
    x = Tensor(np.zeros(shape, dtype), requires_grad=True)
    with np.errstate(all="raise"):
        y = function(x)
        numbers = iter(expected)
        for number in numbers:
            np.testing.assert_array_equal(y.data, np.full(shape, number))
            if not y.requires_grad:
                break
            y = autograd.grad(y.sum(), x, create_graph=True)
    assert not any(numbers)  # what has no history any more has derivatives of 0


def test_0_to_a_power_that_requires_a_gradient() -> None:
    x, y = leaf([0.0, 0.0]), leaf([0.0, 2.0])
    with np.errstate(all="raise"):
        by_x, by_y = autograd.grad((x**y).sum(), (x, y), create_graph=True)
        np.testing.assert_array_equal(by_x.data, [0, 0])
        np.testing.assert_array_equal(by_y.data, [0, 0])
        np.testing.assert_array_equal(autograd.grad(by_x.sum(), x).data, [0, 2])


def test_a_condition_with_a_history_chooses_and_gets_nothing() -> None:
    x = leaf([-1.0, 0.0, 2.0])
    for condition in (x, x > 0, (x > 0) * x):
        y = autograd.where(condition, x * x, 3 * x)
        slope = autograd.grad(y.sum(), x, create_graph=True)
        chosen = condition.data != 0
        np.testing.assert_array_equal(slope.data, np.where(chosen, 2 * x.data, 3))
        np.testing.assert_array_equal(autograd.grad(slope.sum(), x).data, 2 * chosen)


# Numbers without axes


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gradients_without_axes_stay_arrays_while_they_add_up(dtype: Any) -> None:
    x, seen = leaf(3, dtype), []
    x.register_hook(lambda g: seen.append(g))
    for passes in (1, 2, 3):
        y = x * x
        y.retain_grad()
        (y + y * x + np.float64(2) * x + 0 * (x > 0)).backward(np.ones((), dtype))
        # 2x + 3x² + 2 in each pass
        assert x.grad is not None
        assert y.grad is not None
        assert x.grad.item() == passes * (6 + 27 + 2)
        for gradient in (x.grad, y.grad, *seen, autograd.grad(x * x + x, x)):
            assert type(gradient.data) is np.ndarray
            assert (gradient.shape, gradient.dtype) == ((), dtype)


# Writes by every part of the project, into a layer's weight

CHANGED = r"^Affine: its input weight 'weight', \(2, 3\), was changed in place .*, by "
COPY = re.escape("copy_() or an assignment of data, so")
FILLING = [name for name in dir(nn.init) if name.endswith("_") and not name.startswith("_")]


def fill(name: str) -> Callable[[nn.Linear], Any]:
    numbers = [0.5] if name in ("constant_", "sparse_") else []
    return lambda layer: getattr(nn.init, name)(layer.weight, *numbers)


def scale(layer: nn.Linear) -> None:
    with no_grad():
        layer.weight *= 0.5


def set_a_row(layer: nn.Linear) -> None:
    with no_grad():
        layer.weight[0] = 0.0


def assign(layer: nn.Linear) -> None:
    layer.weight.data = np.ones((2, 3))


WRITES: dict[str, tuple[Callable[[nn.Linear], Any], str]] = {
    **{f"init.{name}": (fill(name), COPY) for name in FILLING},
    "weight.data = …": (assign, COPY),
    "weight.copy_(…)": (lambda layer: layer.weight.copy_(np.ones((2, 3))), COPY),
    "weight *= 0.5": (scale, r"the operator \*=, so"),
    "weight[0] = 0": (set_a_row, re.escape("setting entries, x[…] = …, so")),
}
ALL_WRITES = WRITES | {
    "load_state_dict": (
        lambda layer: layer.load_state_dict(nn.Linear(3, 2).state_dict()),
        COPY,
    )
}


def layer_and_optimizer(name: str = "SGD") -> tuple[nn.Linear, optim.Optimizer]:
    """A layer whose parameters and gradients lie in an optimizer's buffers."""
    layer = nn.Linear(3, 2)
    optimizer = getattr(optim, name)(layer.parameters(), lr=0.1)
    layer(np.ones((1, 3), np.float32)).sum().backward()
    return layer, optimizer


@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Adam"])
def test_a_step_before_backward_is_noticed(name: str) -> None:
    layer, optimizer = layer_and_optimizer(name)
    loss = layer(leaf(np.ones((4, 3)), np.float32)).sum()
    optimizer.step()
    with pytest.raises(RuntimeError, match=CHANGED + re.escape(f"{name}.step(), so")):
        loss.backward()


@pytest.mark.parametrize(("write", "named"), ALL_WRITES.values(), ids=ALL_WRITES)
def test_any_other_write_before_backward_is_noticed(
    write: Callable[[nn.Linear], Any], named: str
) -> None:
    layer, _ = layer_and_optimizer()
    loss = layer(leaf(np.ones((4, 3)), np.float32)).sum()
    write(layer)
    with pytest.raises(RuntimeError, match=CHANGED + named):
        loss.backward()


@pytest.mark.parametrize("write", [write for write, _ in WRITES.values()], ids=WRITES)
def test_a_write_beside_what_is_needed_does_no_harm(write: Callable[[nn.Linear], Any]) -> None:
    layer, _ = layer_and_optimizer()
    assert layer.bias is not None
    assert memory_owner(layer.weight.data) is memory_owner(layer.bias.data)
    layer.zero_grad()
    # The bias is needed for its square; for the weight's gradient only the data is.
    loss = layer(np.ones((4, 3), np.float32)).sum() + (layer.bias * layer.bias).sum()
    write(layer)
    loss.backward()
    np.testing.assert_array_equal(layer.bias.grad.data, 4 + 2 * layer.bias.data)
    np.testing.assert_array_equal(layer.weight.grad.data, np.full((2, 3), 4))
