"""Einstein summation: every kind of subscripts, against NumPy and against its own linearity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.checks import check_gradients, message

import autograd
from autograd import Tensor, vocabulary

Array = Any
LENGTHS = {"a": 2, "b": 3, "c": 2, "d": 4}
HIDDEN = (3, 2)  # the lengths that "..." may stand for, the last ones of them


@st.composite
def sums(draw: st.DrawFn) -> tuple[str, list[Array]]:
    """Subscripts and arrays that fit them; along some letters an array may have length 1."""
    terms, arrays = [], []
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    for _ in range(draw(st.integers(1, 3))):
        letters = draw(st.text("abcd", max_size=3))
        thin = draw(st.sets(st.sampled_from("abcd"), max_size=1))
        parts = [(x, (1 if x in thin else LENGTHS[x],)) for x in letters]
        if draw(st.booleans()):
            hidden = HIDDEN[draw(st.integers(0, 2)) :]
            parts.insert(draw(st.integers(0, len(parts))), ("...", hidden))
        terms.append("".join(name for name, _ in parts))
        arrays.append(rng.standard_normal([n for _, lengths in parts for n in lengths]))
    text = ",".join(terms)
    if draw(st.booleans()):
        letters = sorted(set(text) - {",", "."})
        named = draw(st.permutations(letters))[: draw(st.integers(0, 3))]
        if "..." in text or draw(st.booleans()):
            named.insert(draw(st.integers(0, len(named))), "...")
        text = f"{text} -> {''.join(named)}"
    return text, arrays


@settings(deadline=None, max_examples=200)
@given(sums(), st.booleans())
def test_values_are_numpys_and_gradients_those_of_a_product(
    drawn: tuple[str, list[Array]], optimize: bool
) -> None:
    subscripts, arrays = drawn
    expected = np.einsum(subscripts, *arrays)
    tensors = [Tensor(a, requires_grad=True) for a in arrays]
    result = np.einsum(subscripts, *tensors, optimize=optimize)
    assert result.shape == np.shape(expected)
    np.testing.assert_allclose(result.data, expected, atol=1e-12)
    rng = np.random.default_rng(0)
    upstream = rng.standard_normal(result.shape)
    for i, gradient in enumerate(autograd.grad(result, tensors, upstream)):
        # Linear in each operand: moving one changes the sum by the sum of what it moved by.
        moved = rng.standard_normal(arrays[i].shape)
        change = np.einsum(subscripts, *arrays[:i], moved, *arrays[i + 1 :])
        np.testing.assert_allclose(
            np.sum(gradient.data * moved), np.sum(upstream * change), atol=1e-10
        )


@pytest.mark.parametrize("subscripts", ["iij,jkk->ik", "i...j,j...->...i", "ii,jj,ij", "ij,ij->"])
def test_derivatives_to_third_order(subscripts: str) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal((3,) * len(t.replace("...", "."))) for t in terms_of(subscripts)]
    check_gradients(lambda *tensors: np.einsum(subscripts, *tensors), arrays, order=3)


def terms_of(subscripts: str) -> list[str]:
    return subscripts.split("->")[0].split(",")


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        (([0, 1], [1, 2], [0, 2]), "ij,jk->ik"),
        (([0, 1], [1, 2]), "ij,jk"),
        (([51, 1], [1, 0]), "zb,ba"),  # in the order of numbers, where no result is given
        (([..., 1], [1, ...], [...]), "...i,i...->..."),
    ],
)
def test_lists_of_numbers_name_axes_too(numbers: Any, text: str) -> None:
    x, y = np.random.default_rng(0).standard_normal((2, 3, 3))
    pairs = [one for pair in zip((x, y), numbers, strict=False) for one in pair] + [*numbers[2:]]
    result = autograd.einsum(*(Tensor(one) if one is x else one for one in pairs))
    np.testing.assert_array_equal(result.data, np.einsum(*pairs))
    np.testing.assert_allclose(result.data, np.einsum(text, x, y))


def test_gradients_are_computed_only_where_they_are_wanted(monkeypatch: Any) -> None:
    shapes = []
    einsum = np.einsum

    def noticed(*args: Any, **kwargs: Any) -> Array:
        shapes.append(np.shape(result := einsum(*args, **kwargs)))
        return result

    x, y = Tensor(np.ones((2, 3)), requires_grad=True), np.ones((3, 4))
    product = autograd.einsum("ij,jk->ik", x, y)
    monkeypatch.setattr(np, "einsum", noticed)
    product.backward(np.ones((2, 4)))
    assert shapes == [(2, 3)]


def test_the_order_of_products_may_be_given_and_asked_for() -> None:
    x, y, z = (Tensor(np.random.default_rng(i).standard_normal((3, 3))) for i in range(3))
    path, _ = vocabulary.einsum_path("ij,jk,kl", x, y, z)
    found = np.einsum("ij,jk,kl", x, y, z, optimize=path)
    np.testing.assert_allclose(found.data, x.data @ y.data @ z.data)


def ones(*shape: int) -> Tensor:
    return Tensor(np.ones(shape))


WRONG = [
    (
        lambda: np.einsum("ij,jk", ones(2, 3)),
        "the subscripts 'ij,jk' name 2 arrays, and there are 1",
    ),
    (
        lambda: np.einsum("ij,jk", ones(2, 3), ones(4, 2)),
        "the letter 'j' stands for lengths 3 and 4",
    ),
    (lambda: np.einsum("ii", ones(2, 3)), "the letter 'i' stands for lengths 2 and 3"),
    (lambda: np.einsum("ij->ik", ones(2, 3)), "the result names 'k', which no operand has"),
    (lambda: np.einsum("ij->ii", ones(2, 3)), "the result names 'i' twice"),
    (
        lambda: np.einsum("ijk->i", ones(2, 3)),
        "the subscripts 'ijk' are for 3 axes, and shape is (2, 3)",
    ),
    (
        lambda: np.einsum("...ijk->i", ones(2, 3)),
        "an array has fewer axes than the subscripts '...ijk->i' name",
    ),
    (
        lambda: np.einsum("...i->i", ones(2, 3)),
        "the axes that ... stands for have no place in the result 'i'",
    ),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG)
def test_subscripts_that_do_not_fit_are_explained(wrong: Any, said: str) -> None:
    first, second, *_ = message(ValueError, wrong).splitlines()
    assert first == f"Einsum: {said}."
    assert second == "  arrays[0]  (2, 3) float64"


def test_settings_that_make_no_sense_are_refused() -> None:
    assert "'out'" in message(TypeError, lambda: np.einsum("i", ones(2), out=np.ones(2)))
    said = 'einsum takes subscripts and arrays: einsum("ij,jk->ik", x, y).'
    assert message(ValueError, lambda: np.einsum(ones(2))) == said
