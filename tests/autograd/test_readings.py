"""Every rule, read on arrays of another library: reading 3 of the five.

The first two, on ndarrays and on Tensors, are those of test_operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from support.checks import operations_of_a_test
from support.foreign import Foreign, freeze, native
from support.operations import CASES, MASK, PLAIN, Case, anywhere

import autograd
from autograd import Elementwise, Function, Tensor
from autograd.engine import replay, topological_order

Array = Any
Convert = Callable[[Array], Array]

each_case = pytest.mark.parametrize("case", CASES, ids=repr)


@pytest.fixture(autouse=True)
def _operations_made_here_are_forgotten() -> Iterator[None]:
    with operations_of_a_test():
        yield


def is_floating(array: Array) -> bool:
    return bool(array.dtype.kind == "f")


def convert_settings(case: Case, convert: Convert) -> Case:
    """The same row, with the arrays among its settings converted."""

    def converted(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(converted, value))
        return convert(value) if isinstance(value, np.ndarray) else value

    settings = {name: converted(value) for name, value in case.settings.items()}
    return Case(case.op, case.reference, *case.inputs, **settings)


def freeze_kept(results: Sequence[Tensor]) -> None:
    """Freeze the values that forward left behind: rules may not write into them."""
    for node in topological_order([one.edge() for one in results]):
        for value in node.kept or ():
            several = value if isinstance(value, list) else [value]
            freeze(*(one for one in several if type(one) is Foreign))


def derivatives(
    case: Case, convert: Convert, order: int = 1, create_graph: bool = False
) -> list[Tensor]:
    """The row's results, their gradients, and so on up to the derivatives of that order."""
    case = convert_settings(case, convert)
    rng = np.random.default_rng(1)
    tensors = [Tensor(convert(a), requires_grad=is_floating(a)) for a in case.draw()]
    wanted = [t for t in tensors if t.requires_grad]
    answers = results = list(case.apply(*tensors))
    for _ in range(order):
        results = [one for one in results if one.requires_grad]
        if not results:
            break
        freeze_kept(results)
        seeds = [convert(rng.standard_normal(one.shape)) for one in results]
        found = autograd.grad(results, wanted, seeds, None, create_graph, allow_unused=True)
        results = [one for one in found if one is not None]
        answers = answers + results
    return answers


def assert_same(found: Sequence[Tensor], expected: Sequence[Tensor]) -> None:
    """Foreign arrays, and in them to the last bit what ndarrays gave."""
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(native(one.data), other.data)


@pytest.mark.parametrize("case", CASES + PLAIN, ids=repr)
def test_values(case: Case) -> None:
    assert_same(derivatives(case, Foreign, order=0), derivatives(case, np.asarray, order=0))


@each_case
def test_gradients(case: Case) -> None:
    assert_same(derivatives(case, Foreign), derivatives(case, np.asarray))


@each_case
def test_second_derivatives(case: Case) -> None:
    found = derivatives(case, Foreign, order=2, create_graph=True)
    assert_same(found, derivatives(case, np.asarray, order=2, create_graph=True))


def many_gradients(case: Case, convert: Convert) -> list[Tensor]:
    """The gradients for seven upstream gradients, from one pass."""
    case = convert_settings(case, convert)
    rng = np.random.default_rng(1)
    tensors = [Tensor(convert(a), requires_grad=is_floating(a)) for a in case.draw()]
    results = case.apply(*tensors)
    seeds = [(y.edge(), convert(rng.standard_normal((7, *y.shape)))) for y in results]
    found = replay(seeds, batch=7)
    return [Tensor.at(None, found[t]) for t in tensors if t.requires_grad]


@each_case
def test_one_pass_carries_many_gradients(case: Case) -> None:
    assert_same(many_gradients(case, Foreign), many_gradients(case, np.asarray))


KEYS: list[Any] = [
    [2, 0],
    [0, 2, 0],  # an entry chosen twice, whose gradients add up
    [1, -2],
    [[0], [2]],
    MASK[:, 0],
    MASK,
    1,
    (slice(None), [3, 3, 3]),
    ([0, 0, 1], [1, 1, 2]),
    (MASK[:, 0], 2),
    (0, slice(None), [1, 0]),  # arrays separated by a slice
    ([0], None, [1]),
]


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_a_key_may_hold_foreign_arrays(key: Any) -> None:
    x = np.arange(24.0).reshape(3, 4, 2)

    def answers(convert: Convert) -> list[Tensor]:
        def as_arrays(part: Any) -> Any:
            return part if isinstance(part, int | slice | None) else Tensor(convert(np.array(part)))

        parts = tuple(map(as_arrays, key)) if isinstance(key, tuple) else as_arrays(key)
        t = Tensor(convert(x), requires_grad=True)
        chosen = t[parts]
        seeds = np.arange(1.0, 7 * chosen.size + 1).reshape(7, *chosen.shape)
        gradient = autograd.grad(chosen, t, convert(seeds[0]), retain_graph=True)
        together = replay([(chosen.edge(), convert(seeds))], batch=7)
        return [chosen, gradient, Tensor.at(None, together[t])]

    assert_same(answers(Foreign), answers(np.asarray))


# Around the rules


def network_answers(convert: Convert) -> list[Tensor]:
    """Everything about a network's loss that has an array: value, gradients, hooks, sums."""
    rng = np.random.default_rng(0)
    shapes = [(5, 4), (5,), (3, 5), (3,)]
    weights = [Tensor(convert(rng.standard_normal(s)), requires_grad=True) for s in shapes]
    x, y = Tensor(convert(rng.standard_normal((8, 4)))), convert(rng.standard_normal((8, 3)))
    seen: list[Tensor] = []

    def loss() -> Tensor:
        hidden = autograd.tanh(autograd.affine(x, *weights[:2]))
        hidden.register_hook(lambda g: seen.append(g) or 2 * g)
        hidden.retain_grad()
        seen.append(hidden)
        errors = autograd.affine(hidden, *weights[2:]) - y
        return (errors * errors).mean() + sum(0.1 * (w * w).sum() for w in weights)

    first = loss()
    first.backward()
    slopes = autograd.grad(loss(), weights, create_graph=True)
    penalty = sum((slope * slope).sum() for slope in slopes)
    return [first, *seen, *[w.grad for w in weights], *autograd.grad(penalty, weights)]


def test_a_network_with_hooks_and_a_gradient_penalty() -> None:
    found, expected = network_answers(Foreign), network_answers(np.asarray)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(native(one.data), other.data, rtol=1e-13)


def test_gradients_of_a_foreign_leaf_add_up() -> None:
    x = Tensor(Foreign([1.0, 2.0]), requires_grad=True)
    for _ in range(3):
        (x * x).sum().backward()
    np.testing.assert_array_equal(native(x.grad.data), [6, 12])


@pytest.mark.parametrize("swap", [False, True])
def test_meeting_an_ndarray_is_an_error_rather_than_a_copy(swap: bool) -> None:
    x, y = Tensor(Foreign([1.0, 2.0]), requires_grad=True), np.ones(2)
    with pytest.raises(TypeError, match="an ndarray of shape"):
        y * x if swap else x * y


# The stand-in is strict: what does not belong in a rule fails on it


def branch(g: Array, x: Array) -> Array:
    return g if x.sum() > 0 else -g


def in_place(g: Array, x: Array) -> Array:
    x *= g
    return x


def in_place_in_upstream(g: Array, x: Array) -> Array:
    np.multiply(g, 2, out=g)
    return g


def entries_set(g: Array, x: Array) -> Array:
    x[0] = 0
    return g * x


def memory(g: Array, x: Array) -> Array:
    return g * x.data


def a_number(g: Array, x: Array) -> Array:
    return g * float(x.sum())


def an_item(g: Array, x: Array) -> Array:
    return g * x.sum().item()


def conversion(g: Array, x: Array) -> Array:
    return g * np.asarray(x)


def an_array_from_nowhere(g: Array, x: Array) -> Array:
    return g * np.ones(2)


def a_loop_over_entries(g: Array, x: Array) -> Array:
    return g * sum(one for one in x)


BAD_RULES = [
    (branch, TypeError),
    (in_place, ValueError),
    (in_place_in_upstream, ValueError),
    (entries_set, ValueError),
    (memory, AttributeError),
    (a_number, TypeError),
    (an_item, TypeError),
    (conversion, TypeError),
    (an_array_from_nowhere, TypeError),
    (a_loop_over_entries, TypeError),
]


@pytest.mark.parametrize(("rule", "error"), BAD_RULES)
def test_what_does_not_belong_in_a_rule_fails(rule: Any, error: type[Exception]) -> None:
    class Bad(Function):
        def forward(x: Array) -> Array:
            return 2 * x

        gradients = {"x": rule}

    case = Case(Bad, lambda x: 2 * x, anywhere(2))
    derivatives(case, np.array)  # on ndarrays nobody notices
    with pytest.raises(error):
        derivatives(case, Foreign)


def test_forward_may_write_only_into_what_it_made() -> None:
    class Careful(Function):
        def forward(x: Array) -> Array:
            out = np.exp(x)
            out /= out.sum()
            return out

    class Careless(Elementwise):
        def forward(x: Array) -> Array:
            x -= 1
            return x

    x = Foreign([1.0, 2.0])
    Careful.apply(x)
    with pytest.raises(ValueError, match="read-only"):
        Careless.apply(x)
