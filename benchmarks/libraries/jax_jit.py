"""JAX, each step one jitted function, with donated parameters and optimiser state."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from workloads import Array, Built, Chain, Elementwise, Hessian, Network, Update

TITLE = "JAX jit"
IMPORT = "import jax"
PACKAGES = ("jax", "jaxlib")
DISTRIBUTIONS = ("jax",)


def network(work: Network) -> Built:
    train, results = training(work)
    batches = work.batches(jnp.array)

    def step() -> None:
        train(*next(batches)).block_until_ready()

    return Built(step, results)


def training(work: Network) -> tuple[Callable[..., Any], Callable[[], list[Array]]]:
    """A function that trains on a batch and gives the loss, and one that gives the parameters."""
    parameters = [jnp.array(p) for layer in work.weights() for p in layer]
    start, update = {"sgd": sgd, "adam": adam}[work.optimizer](work.lr)
    state = start(parameters)

    @partial(jax.jit, donate_argnums=(0, 1))
    def jitted(parameters: Any, state: Any, x: Any, y: Any) -> Any:
        loss, gradients = jax.value_and_grad(partial(loss_of, work))(parameters, x, y)
        return loss, *update(parameters, state, gradients)

    def train(x: Any, y: Any) -> Any:
        nonlocal parameters, state
        loss, parameters, state = jitted(parameters, state, x, y)
        return loss

    return train, lambda: [np.array(p) for p in parameters]


def loss_of(work: Network, parameters: list[Any], x: Any, target: Any) -> Any:
    activation = {"relu": jax.nn.relu, "tanh": jnp.tanh}[work.activation]
    for i in range(0, len(parameters), 2):
        x = activation(x) if i else x
        x = x @ parameters[i].T + parameters[i + 1]
    if work.loss == "mse":
        return ((x - target) ** 2).mean()
    rows = jnp.arange(len(x))
    return -jax.nn.log_softmax(x)[rows, target].mean()


def sgd(lr: float) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def update(parameters: Any, state: Any, gradients: Any) -> Any:
        return jax.tree.map(lambda p, g: p - lr * g, parameters, gradients), state

    return lambda parameters: (), update  # noqa: ARG005


def adam(lr: float) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def start(parameters: Any) -> Any:
        return jnp.array(0), *(jax.tree.map(jnp.zeros_like, parameters) for _ in range(2))

    def update(parameters: Any, state: Any, gradients: Any) -> Any:
        steps, means, squares = state
        steps = steps + 1
        means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, gradients)
        squares = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, squares, gradients)
        rate, correction = lr / (1 - 0.9**steps), 1 - 0.999**steps

        def moved(p: Any, m: Any, v: Any) -> Any:
            return p - rate * m / (jnp.sqrt(v / correction) + 1e-8)

        return jax.tree.map(moved, parameters, means, squares), (steps, means, squares)

    return start, update


def chain(work: Chain) -> Built:
    return differentiated(work.value, work.x())


def elementwise(work: Elementwise) -> Built:
    return differentiated(lambda x: work.value(x, jnp), work.x())


def differentiated(value: Callable[..., Any], x: Array) -> Built:
    jax.config.update("jax_enable_x64", x.dtype == np.float64)
    point = jnp.array(x)
    function = jax.jit(jax.value_and_grad(value))
    found = []

    def step() -> None:
        found[:] = jax.block_until_ready(function(point))

    return Built(step, lambda: [np.array(found[1])])


def hessian(work: Hessian) -> Built:
    jax.config.update("jax_enable_x64", True)
    x, target = map(jnp.array, work.batch())
    parameters = jnp.array(work.parameters())
    second = jax.jit(jax.hessian(lambda p: work.value(p, x, target, jnp.tanh)))
    found = []

    def step() -> None:
        found[:] = [second(parameters).block_until_ready()]

    return Built(step, lambda: [np.array(one) for one in found])


def update(work: Update) -> Built:
    parameters = [jnp.array(p) for p in work.parameters()]
    gradients = [jnp.array(g) for g in work.gradients()]
    start, change = adam(work.lr)
    state = start(parameters)
    jitted = jax.jit(change, donate_argnums=(0, 1))

    def step() -> None:
        nonlocal parameters, state
        parameters, state = jax.block_until_ready(jitted(parameters, state, gradients))

    return Built(step, lambda: [np.array(p) for p in parameters])
