"""Losses of logits of ±10,000 and of probabilities 0 and 1: values, gradients, second derivatives.

What is expected are the limits, by hand: softplus(10⁴) is 10⁴ to the last bit, σ(10⁴) is 1.
"""

from __future__ import annotations

from math import log, log1p
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor
from nn.functional.binary import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    multilabel_soft_margin_loss,
    soft_margin_loss,
)
from nn.functional.classification import cross_entropy, nll_loss
from nn.functional.distributions import kl_div
from nn.functional.margins import multi_class_hinge_loss
from nn.functional.similarity import cosine_embedding_loss, cosine_similarity

FAR = 1e4
LN2 = log(2)


def bce(target: Any, **settings: Any) -> Any:
    return lambda z: binary_cross_entropy_with_logits(z, target, reduction="none", **settings)


def cross(target: Any, **settings: Any) -> Any:
    return lambda z: cross_entropy(z, target, reduction="none", **settings)


# name: the loss, logits, the losses, the gradient of their sum, and the diagonal of its Jacobian
LIMITS: dict[str, tuple[Any, Any, Any, Any, Any]] = {
    "no": (bce([0, 0, 0]), [FAR, -FAR, 0], [FAR, 0, LN2], [1, 0, 0.5], [0, 0, 0.25]),
    "yes": (bce([1, 1, 1]), [FAR, -FAR, 0], [0, FAR, LN2], [0, -1, -0.5], [0, 0, 0.25]),
    "in between": (
        bce([0.25, 0.25]),
        *([FAR, -FAR], [0.75 * FAR, 0.25 * FAR], [0.75, -0.25], [0, 0]),
    ),
    "yes, counting twice": (
        bce([1, 1, 1], pos_weight=2),
        *([FAR, -FAR, 0], [0, 2 * FAR, 2 * LN2], [0, -2, -1], [0, 0, 0.5]),
    ),
    "labels": (
        lambda z: multilabel_soft_margin_loss(z, [[1, 1]], reduction="none"),
        *([[FAR, -FAR]], [FAR / 2], [[0, -0.5]], [[0, 0]]),
    ),
    "soft margin": (
        lambda z: soft_margin_loss(z, [1, 1, -1], reduction="none"),
        *([FAR, -FAR, 0], [0, FAR, LN2], [0, -1, 0.5], [0, 0, 0.25]),
    ),
    "right class": (cross([0]), [[FAR, -FAR, 0]], [0], [[0, 0, 0]], [[0, 0, 0]]),
    "wrong class": (cross([1]), [[FAR, -FAR, 0]], [2 * FAR], [[1, -1, 0]], [[0, 0, 0]]),
    "two classes alike": (
        cross([0]),
        *([[FAR, FAR, -FAR]], [LN2], [[-0.5, 0.5, 0]], [[0.25, 0.25, 0]]),
    ),
    "weighted classes": (
        cross([1], weight=[1, 2, 1]),
        *([[FAR, -FAR, 0]], [4 * FAR], [[2, -2, 0]], [[0, 0, 0]]),
    ),
    "smoothed": (  # 3/4 and twice 1/8
        cross([0], label_smoothing=0.375),
        *([[-FAR, FAR, FAR]], [1.5 * FAR + LN2], [[-0.75, 0.375, 0.375]], [[0, 0.25, 0.25]]),
    ),
    "rows": (
        cross([[0.5, 0.25, 0.25]]),
        *([[FAR, -FAR, 0]], [0.75 * FAR], [[0.5, -0.25, -0.25]], [[0, 0, 0]]),
    ),
    "log-softmax": (
        lambda z: nll_loss(autograd.log_softmax(z), [1], reduction="none"),
        *([[FAR, -FAR, 0]], [2 * FAR], [[1, -1, 0]], [[0, 0, 0]]),
    ),
    "divergence": (
        lambda z: kl_div(autograd.log_softmax(z), [[0.0, 1.0, 0.0]], reduction="sum"),
        *([[FAR, -FAR, 0]], 2 * FAR, [[1, -1, 0]], [[0, 0, 0]]),
    ),
    "hinge": (
        lambda z: multi_class_hinge_loss(z, [1], reduction="none"),
        *([[FAR, -FAR, 0]], [3 * FAR + 2], [[1, -2, 1]], [[0, 0, 0]]),
    ),
    "infinite logits that do not count": (
        cross([1]),
        *([[0, 0, -np.inf]], [LN2], [[0.5, -0.5, 0]], [[0.25, 0.25, 0]]),
    ),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("loss", "logits", "value", "gradient", "curvature"), LIMITS.values(), ids=LIMITS
)
def test_limits(
    loss: Any, logits: Any, value: Any, gradient: Any, curvature: Any, dtype: Any
) -> None:
    z = Tensor(np.array(logits, dtype), requires_grad=True)
    near = {"rtol": 2 * np.finfo(dtype).eps, "atol": 2 * np.finfo(dtype).eps}
    losses = loss(z)
    np.testing.assert_allclose(losses.data, value, **near)
    slope = autograd.grad(losses.sum(), z, create_graph=True)
    np.testing.assert_allclose(slope.data, gradient, **near)
    found = np.zeros(z.shape, dtype)
    if slope.requires_grad:
        for place in np.ndindex(z.shape):
            row = autograd.grad(slope[place], z, retain_graph=True, allow_unused=True)
            found[place] = 0 if row is None else row.data[place]
    np.testing.assert_allclose(found, curvature, **near)
    assert {losses.dtype, slope.dtype} == {np.dtype(dtype)}


# Probabilities 0 and 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_loss_of_a_certain_error_is_100_and_its_gradient_finite(dtype: Any) -> None:
    p = Tensor(np.array([0, 1, 0, 1], dtype), requires_grad=True)
    losses = binary_cross_entropy(p, [1, 0, 0, 1], reduction="none")
    assert losses.data.tolist() == [100, 100, 0, 0]
    losses.sum().backward()
    np.testing.assert_allclose(p.grad.data, [-1e12, 1e12, 0, 0], rtol=1e-6)


@pytest.mark.parametrize("p", [1e-3, 1e-8, 1e-30])
def test_small_probabilities_lose_no_digits(p: float) -> None:
    found = binary_cross_entropy(np.array([p, p]), [0, 1], reduction="none").data
    assert found[0] == pytest.approx(-log1p(-p), rel=1e-14, abs=0)
    assert found[1] == pytest.approx(-log(p), rel=1e-14)


@pytest.mark.parametrize("z", [20.0, 40.0, 100.0])
def test_small_losses_of_logits_lose_no_digits(z: float) -> None:
    expected = pytest.approx(np.exp(-z) - np.exp(-2 * z) / 2, rel=1e-12, abs=0)
    assert binary_cross_entropy_with_logits(np.array(z), 1.0).item() == expected
    assert soft_margin_loss(np.array(-z), -1.0).item() == expected


def test_divergence_from_certainty_is_finite() -> None:
    logp = Tensor(np.log([[0.5, 0.25, 0.25]]), requires_grad=True)
    target = Tensor(np.array([[1.0, 0.0, 0.0]]), requires_grad=True)
    loss = kl_div(logp, target, reduction="sum")
    assert loss.item() == pytest.approx(LN2, rel=1e-15)
    loss.backward()
    assert logp.grad.data.tolist() == [[-1, 0, 0]]
    assert np.isfinite(target.grad.data).all()


# Vectors without a direction


def test_a_vector_of_zeros_has_the_cosine_0() -> None:
    zeros, ones = Tensor(np.zeros((1, 2)), requires_grad=True), np.ones((1, 2))
    cosine = cosine_similarity(zeros, ones)
    assert cosine.data.tolist() == [0]
    cosine.sum().backward()
    np.testing.assert_allclose(zeros.grad.data, 1e8 / np.sqrt(2) * ones)
    loss = cosine_embedding_loss(zeros, zeros, [1.0])
    assert loss.item() == 1
    assert np.isfinite(autograd.grad(loss, zeros).data).all()
