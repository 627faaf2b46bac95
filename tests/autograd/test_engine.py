"""Backward replay: its order, sums over paths, depth, several passes, several outputs."""

import math
import weakref

import numpy as np
import pytest
from support.checks import message
from support.replay import ExpAndSquare, Witness, leaf, rules_called

import autograd
from autograd import Tensor, grad
from autograd.watching import watch

# Order


def test_backward_replays_each_node_once_in_reverse_order_of_creation():
    x, y = leaf(2.0), leaf(3.0)
    witness = Witness()
    with watch(witness):
        total = x + y  # used twice
        product = total * y
        loss = product - total.exp()
        loss.backward()
    assert witness.called_ops == ["Add", "Multiply", "Exp", "Subtract"]
    assert witness.replayed_ops == ["Subtract", "Exp", "Multiply", "Add"]
    numbers = [node.number for node in witness.replayed]
    assert numbers == sorted(numbers, reverse=True)


def test_a_node_waits_until_all_its_gradients_are_in():
    # Made early and used late: a walk along the edges would replay `early` before `late` is done.
    x = leaf(1.0)
    early = x * 2
    late = early
    for _ in range(5):
        late = late * 2
    witness = Witness()
    with watch(witness):
        (early + late).backward()
    assert len(witness.replayed_ops) == 7
    assert x.grad.item() == 2 + 2**6


def test_what_the_result_does_not_depend_on_is_not_replayed():
    x = leaf(1.0)
    aside = x.exp()
    witness = Witness()
    with watch(witness):
        (x * 2).backward()
    assert witness.replayed_ops == ["Multiply"]
    aside.backward()  # and is still there


# Sums over paths

SUMS = {
    "x + x": (lambda x: x + x, 2.0),
    "x * x": (lambda x: x * x, 6.0),
    "five times in one expression": (lambda x: x + 2 * x + 3 * x + 4 * x + 5 * x, 15.0),
    "a result on five paths": (lambda x: (lambda a: a + 2 * a + 3 * a * a)(2 * x), 78.0),
    "a diamond": (lambda x: (2 * x) * (x + 1), 4 * 3 + 2.0),
    "one input of a variadic operation, twice": (lambda x: autograd.stack([x, x]).sum(), 2.0),
}


@pytest.mark.parametrize("shape", [(), (2,)], ids=["a number", "two numbers"])
@pytest.mark.parametrize(("fn", "slope"), SUMS.values(), ids=SUMS)
def test_gradients_of_all_paths_add_up(fn, slope, shape):
    x = leaf(np.full(shape, 3.0))
    fn(x).sum().backward()
    assert type(x.grad.data) is np.ndarray
    np.testing.assert_array_equal(x.grad.data, np.full(shape, slope))


def test_a_ladder_of_2_to_the_60_paths_is_replayed_rung_by_rung():
    x = leaf(1.0)
    y = x
    for _ in range(60):
        y = y + y
    witness = Witness()
    with watch(witness):
        y.backward()
    assert len(witness.replayed) == 60
    assert x.grad.item() == 2.0**60


def test_backward_of_several_results_accumulates():
    x = leaf([1.0, 2.0])
    (3 * x).sum().backward()
    (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad.data, [5, 7])


def test_backward_of_a_leaf_itself():
    x = leaf(5.0)
    x.backward()
    assert x.grad.item() == 1


# Depth


def test_a_chain_of_200_000_nodes_runs_forward_and_back_and_is_deleted():
    x = leaf(1.0)
    y = x
    for _ in range(200_000):
        y = y + 1.0
    y.backward(retain_graph=True)
    assert x.grad.item() == 1
    assert grad(y, x).item() == 1
    last = weakref.ref(y.grad_fn)
    del y
    assert last() is None


# Backward twice, and from results that are not single numbers


def test_backward_twice_is_refused():
    x = leaf(2.0)
    y = x * x
    y.backward()
    assert message(RuntimeError, y.backward) == (
        "backward a second time: an earlier backward went through this graph and released its "
        "values, those of Multiply among them. Compute the result anew, or keep the graph at the "
        "first pass: loss.backward(retain_graph=True)."
    )
    assert x.grad.item() == 4  # nothing was added


def test_backward_twice_with_a_retained_graph_adds_up():
    x = leaf(2.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 8
    with pytest.raises(RuntimeError, match="a second time"):
        y.backward()


def test_a_released_part_does_not_stop_gradients_that_need_none_of_it():
    x, w = leaf(2.0), leaf(3.0)
    y = x * x
    y.backward()
    assert grad(y * w, w).item() == 4


@pytest.mark.parametrize(
    "upstream",
    [[1, 2], np.array([1, 2]), np.array([1.0, 2.0], np.float32), Tensor([1.0, 2.0])],
    ids=["list", "integers", "float32", "Tensor"],
)
def test_backward_from_several_numbers_takes_their_upstream_gradient(upstream):
    x = leaf([3.0, 4.0])
    (x * x).backward(upstream)
    np.testing.assert_array_equal(x.grad.data, [6, 16])
    assert x.grad.dtype == np.float64


@pytest.mark.parametrize("wide", [[1, 1], np.ones(2), Tensor(np.ones(2))])
def test_an_upstream_gradient_takes_the_dtype_of_the_result(wide):
    x = leaf([3.0, 4.0], np.float32)
    x.backward(wide)
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_backward_from_a_single_number_of_any_shape(shape):
    x = leaf(np.full(shape, 3.0))
    (x * x).backward()
    assert x.grad.shape == shape
    assert x.grad.item() == 6


def test_gradients_have_the_dtype_of_what_they_flow_to():
    narrow, wide = leaf([1.0], np.float32), leaf([2.0], np.float64)
    middle = narrow * 2
    middle.retain_grad()
    (middle * wide).backward()
    assert (narrow.grad.dtype, middle.grad.dtype, wide.grad.dtype) == (
        np.float32,
        np.float32,
        np.float64,
    )


# Operations with several outputs


@pytest.mark.parametrize(
    ("use", "slope", "rules"),
    [
        (lambda e, s: e, math.e, ["e"]),
        (lambda e, s: s, 2.0, ["s"]),
        (lambda e, s: e * s, 3 * math.e, ["e", "s"]),
        (lambda e, s: s + s * s, 6.0, ["s"]),
    ],
    ids=["first", "second", "both", "second, twice"],
)
def test_only_rules_of_outputs_with_an_upstream_gradient_are_called(use, slope, rules):
    x = leaf(1.0)
    rules_called.clear()
    use(*ExpAndSquare.apply(x)).backward()
    assert x.grad.item() == pytest.approx(slope, rel=1e-15)
    assert rules_called == rules


def test_hooks_and_retained_gradients_belong_to_one_output():
    x = leaf(1.0)
    e, s = ExpAndSquare.apply(x)
    e.retain_grad()
    s.register_hook(lambda g: 10 * g)
    (3 * e + s).backward()
    assert e.grad.item() == 3
    assert x.grad.item() == pytest.approx(3 * math.e + 20, rel=1e-15)


def test_grad_with_respect_to_one_of_several_outputs():
    e, s = ExpAndSquare.apply(leaf(1.0))
    by_e, by_s = grad(5 * e * s, (e, s))
    assert by_e.item() == 5
    assert by_s.item() == pytest.approx(5 * math.e, rel=1e-15)


def test_second_derivatives_through_several_outputs():
    x = leaf(2.0)
    e, s = ExpAndSquare.apply(x)
    first = grad(e * s, x, create_graph=True)  # (x² + 2x) eˣ
    assert grad(first, x).item() == pytest.approx((4 + 4 * 2 + 2) * math.e**2, rel=1e-14)


def test_second_derivatives_with_respect_to_one_of_several_outputs():
    x = leaf(2.0)
    e, _ = ExpAndSquare.apply(x)
    first = grad(e * e, x, create_graph=True)  # 2e · e, where the rule names the output e
    assert grad(first, e).item() == pytest.approx(4 * math.e**2, rel=1e-15)
