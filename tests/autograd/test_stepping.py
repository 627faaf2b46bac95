"""The numbers of a step-through page: the engine's, and finite differences."""

import re

import numpy as np
import pytest
from support.step_pages import (
    CARD,
    PROGRAMS,
    Page,
    leaf,
    leaves_of,
    page_of,
    shown_and_page,
    twice_used,
)

import autograd
from autograd import Elementwise, Tensor
from autograd.graph.stepping import step_through

programs = pytest.mark.parametrize("name", PROGRAMS)


@programs
def test_the_gradients_at_the_end_are_the_engines(name):
    fn, *args = PROGRAMS[name]
    expected = autograd.grad(fn(*args), leaves_of(args))
    for array, gradient in zip(page_of(name).gradients().values(), expected, strict=True):
        np.testing.assert_array_equal(array, gradient.data)


def slopes(function, x):
    """The derivatives of a function to numbers at an array, by central differences."""
    found = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        ends = []
        for h in (1e-6, -1e-6):
            moved = x.copy()
            moved[index] += h
            ends.append(function(moved))
        found[index] = (ends[0] - ends[1]) / 2e-6
    return found


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name != "cut paths"])
def test_the_gradients_at_the_end_are_slopes(name):
    fn, *args = PROGRAMS[name]
    for leaf_, gradient in zip(leaves_of(args), page_of(name).gradients().values(), strict=True):

        def value(moved, leaf_=leaf_):
            return fn(*(Tensor(moved) if one is leaf_ else one for one in args)).item()

        np.testing.assert_allclose(gradient, slopes(value, leaf_.data), rtol=1e-6, atol=1e-7)


def backward_steps(name):
    """The steps of the way back, each with what the page shows of it."""
    shown, page = shown_and_page(name)
    told = [step for step in shown.story.steps if step.kind == "backward"]
    return page, list(zip(told, page.of_kind("backward"), strict=True))


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name != "several outputs"])
def test_what_a_call_sends_are_the_slopes_of_its_operation(name):
    """Each step by itself: upstream gradient and inputs in, finite differences of forward out."""
    page, steps = backward_steps(name)
    for step, seen in steps:
        call, op = step.call, step.call.op
        inputs = {n: np.array(getattr(x, "array", x)) for n, x in call.inputs.items()}
        (g,) = page.arrays(seen, "upstream", "name").values()
        sent = page.arrays(seen, "sent", "name")
        assert list(sent) == list(call.gradients)
        for input_, gradient in sent.items():

            def weighed(moved, input_=input_, inputs=inputs, call=call, op=op, g=g):
                given = list({**inputs, input_: moved}.values())
                out = op.forward(*given, **call.settings)
                return np.sum(g * (out[0] if isinstance(out, tuple) else out))

            expected = slopes(weighed, inputs[input_])
            np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-7, err_msg=str(call))


def summed_to(array, shape):
    """Broadcasting undone."""
    array = array.sum(axis=tuple(range(array.ndim - len(shape))))
    for axis, length in enumerate(shape):
        array = array.sum(axis=axis, keepdims=True) if length == 1 else array
    return array


def test_sent_is_upstream_times_local_gradient():
    kinds = set()
    for name in PROGRAMS:
        page, steps = backward_steps(name)
        for step, seen in steps:
            for input_, array in page.arrays(seen, "local", "name").items():
                (g,) = page.arrays(seen, "upstream", "name").values()
                sent = page.arrays(seen, "sent", "name")[input_]
                elementwise = issubclass(step.call.op, Elementwise)
                product = g * array if elementwise else np.tensordot(g, array, g.ndim)
                product = summed_to(product, sent.shape)
                np.testing.assert_allclose(product, sent, rtol=1e-6, atol=1e-6)
                kinds.add((elementwise, np.ndim(array), sent.ndim))
    assert {(True, 0, 0), (True, 2, 1), (False, 2, 2), (False, 3, 1), (False, 4, 2)} <= kinds


def test_a_sum_forms_where_a_value_is_used_more_than_once():
    x, y, z = (Tensor(v, requires_grad=True) for v in (1.0, 2.0, 4.0))
    page = Page(step_through(twice_used, x, y, z))
    _, add, multiply, _ = page.of_kind("backward")  # d out/d s = 2 · 15 · (z + 1)
    (group,) = [group for group in add["groups"] if group["title"] == "To s"]
    assert group["note"] == "use 1 of 2"
    assert page.arrays(add, "sum") == {}
    (group,) = [group for group in multiply["groups"] if group["title"] == "To s"]
    assert group["note"] == "use 2 of 2"
    roles = ("before", "now", "sum")
    assert [page.array(page.cards(multiply, role)[0]) for role in roles] == [30, 120, 150]
    assert "to s 120 (use 2 of 2): 30 so far + 120 now = 150" in page.said[7]


def test_sums_over_three_uses_end_in_the_engines_gradient():
    page = page_of("any number of inputs")
    sums = [a for s in page.of_kind("backward") for a in page.arrays(s, "sum", "name").values()]
    assert len(sums) == 2  # the first use is no sum
    np.testing.assert_array_equal(sums[-1], page.gradients()["x"])


@pytest.mark.parametrize(
    ("shape", "shown"), [((8, 8), (8, 8)), ((9, 3), (8, 3)), ((3, 40), (3, 8)), ((2, 6, 9), (8, 8))]
)
def test_large_arrays_are_shown_as_a_corner_with_statistics(shape, shown):
    x = leaf(*shape, dtype=np.float32)
    x.data[..., 0] = 0
    page = Page(step_through(lambda x: x.sum(), x))
    card = page.cards(page.steps[0])[0]
    np.testing.assert_array_equal(page.array(card), x.data.reshape(-1, shape[-1])[:8, :8])
    assert page.array(card).shape == shown
    entry = page.data["arrays"][card["array"]]
    assert entry["shape"] == list(shape)
    zeros = f"zeros {1 / shape[-1]:.0%}"
    assert ("note" in entry) == (x.size > np.prod(shown))
    if "note" in entry:
        low, high = (f"{v:.3g}".replace("-", "−") for v in (x.data.min(), x.data.max()))
        assert re.fullmatch(
            rf"corner of {re.escape(str(shape))} · mean \S+ · min {low} · max {high} · {zeros}",
            entry["note"],
        )


@pytest.mark.parametrize(("rows", "whole"), [(10, True), (11, False)])
def test_jacobians_are_shown_up_to_four_hundred_entries(rows, whole):
    page = Page(step_through(lambda x: np.cumsum(x, axis=0).sum(), leaf(rows, 2)))
    local = page.cards(page.of_kind("backward")[1], "local")
    shown = [page.array(card).shape for card in local if card["array"] >= 0]
    assert shown == ([(10, 2, 10, 2)] if whole else [])  # 400 entries
    notes = [card.get("note") for card in local]
    words = "22 × 22 entries, which are never formed: the rule gives their product with g."
    assert (words in notes) == (not whole)


def test_a_small_jacobian_is_shown_beside_a_large_one():
    layer = autograd.affine
    page = Page(
        step_through(lambda x, w, b: layer(x, w, b).sum(), leaf(11, 2), leaf(2, 2), leaf(2))
    )
    (group,) = [one for one in page.of_kind("backward")[1]["groups"] if one["title"] == "Jacobians"]
    x, weight, bias = (dict(zip(CARD, card, strict=False)) for card in group["rows"][0])
    assert x["note"].startswith("22 × 22 entries, which are never formed")
    assert page.array(weight).shape == (11, 2, 2, 2)
    assert page.array(bias).shape == (11, 2, 2)


@pytest.mark.parametrize(
    ("values", "data"),
    [
        (np.array([1.5, np.nan, -np.inf]), [1.5, np.nan, -np.inf]),
        (np.zeros((30, 2)), np.zeros((30, 2))),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (np.array([True, False]), [1, 0]),
        (np.array([2**53 - 1, 3]), [2**53 - 1, 3]),
        (np.array([1 / 3, 2 / 3]), [1 / 3, 2 / 3]),
        (np.array([1 / 3, 2 / 3], np.float32), np.array([1 / 3, 2 / 3], np.float32)),
        (np.array([1 / 3, 2 / 3], np.float16), np.array([1 / 3, 2 / 3], np.float16)),
    ],
)
def test_entries_are_exact(values, data):
    page = Page(step_through(lambda x: (np.ones(values.shape) * x).sum(), Tensor(values)))
    given = next(card for card in page.cards(page.steps[0]) if card["of"] == "x")
    np.testing.assert_array_equal(page.array(given), data)
