"""Losses by hand: the formulas and numbers of textbooks, and what losses have to do with others."""

from __future__ import annotations

from math import lgamma, log, pi

import numpy as np
import pytest
from support.losses import LABELS, NUMBERS, OTHERS, PROBABILITIES, ROWS, SIGNS, WEIGHTS

import autograd
from autograd import Tensor
from nn.functional.binary import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    multilabel_soft_margin_loss,
    soft_margin_loss,
)
from nn.functional.classification import cross_entropy, nll_loss
from nn.functional.distributions import gaussian_nll_loss, kl_div, poisson_nll_loss
from nn.functional.margins import multi_class_hinge_loss, multi_margin_loss, triplet_margin_loss
from nn.functional.regression import huber_loss, l1_loss, mse_loss, smooth_l1_loss
from nn.functional.similarity import cosine_proximity_loss

X, Y = np.array([0.5, -1.0, 2.0]), 1.0


def softmax(z: np.ndarray) -> np.ndarray:
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


# Gradients by hand


def test_logistic_regression_by_hand() -> None:
    """∂L/∂a = (a − y) / (a (1 − a)), ∂L/∂z = a − y, ∂L/∂w = x (a − y)."""
    for y in (0.0, 1.0):
        w = Tensor(np.array([0.3, 0.2, -0.4]), requires_grad=True)
        z = w @ X
        a = z.sigmoid()
        loss = binary_cross_entropy(a, y)
        by_a, by_z, by_w = autograd.grad(loss, [a, z, w])
        assert by_a.item() == pytest.approx((a.item() - y) / (a.item() * (1 - a.item())))
        assert by_z.item() == pytest.approx(a.item() - y)
        np.testing.assert_allclose(by_w.data, X * (a.item() - y), rtol=1e-14)
        z = w @ X
        fused = autograd.grad(binary_cross_entropy_with_logits(z, y), [z, w])
        assert fused[0].item() == pytest.approx(a.item() - y)
        np.testing.assert_allclose(fused[1].data, by_w.data, rtol=1e-14)


@pytest.mark.parametrize("target", [LABELS, np.eye(3)[LABELS], ROWS])
def test_softmax_with_cross_entropy_by_hand(target: np.ndarray) -> None:
    """∂L/∂z = ŷ − y."""
    z = Tensor(NUMBERS, requires_grad=True)
    cross_entropy(z, target, reduction="sum").backward()
    y = np.eye(3)[target] if target.ndim == 1 else target
    np.testing.assert_allclose(z.grad.data, softmax(NUMBERS) - y, rtol=1e-13)


def test_the_gradient_of_half_the_squared_error_is_the_error() -> None:
    x = Tensor(NUMBERS, requires_grad=True)
    mse_loss(x, OTHERS, "half").backward()
    np.testing.assert_array_equal(x.grad.data, NUMBERS - OTHERS)


def test_the_gradient_of_hubers_loss_is_the_error_within_limits() -> None:
    x = Tensor(np.array([-3.0, -0.5, 0.0, 0.5, 3.0]), requires_grad=True)
    huber_loss(x, np.zeros(5), "sum", delta=2).backward()
    assert x.grad.data.tolist() == [-2, -0.5, 0, 0.5, 2]


def test_the_gradient_of_a_batch_is_the_mean_of_its_examples() -> None:
    def gradient(rows: slice) -> np.ndarray:
        w = Tensor(WEIGHTS, requires_grad=True)
        cross_entropy(NUMBERS[rows] * w, LABELS[rows]).backward()
        return w.grad.data

    each = [gradient(slice(i, i + 1)) for i in range(5)]
    np.testing.assert_allclose(gradient(slice(None)), np.mean(each, axis=0), rtol=1e-13)


# Numbers by hand


def test_softmax_of_a_lecture() -> None:
    logits = np.array([5.0, 2.0, -1.0, 3.0])
    found = [cross_entropy(logits, i).item() for i in range(4)]
    np.testing.assert_allclose(np.exp(np.negative(found)), [0.842, 0.042, 0.002, 0.114], atol=5e-4)


def test_hinges_of_a_lecture() -> None:
    """Stanford CS231n, lecture 3: cat, car and frog, of whom the car is right."""
    scores = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])
    losses = multi_class_hinge_loss(scores, [0, 1, 2], reduction="none").data
    np.testing.assert_allclose(losses, [2.9, 0, 12.9], rtol=1e-14)
    squares = multi_class_hinge_loss(scores, [0, 1, 2], p=2, reduction="none").data
    np.testing.assert_allclose(squares, [2.9**2, 0, 6.3**2 + 6.6**2], rtol=1e-14)
    by_classes = multi_margin_loss(scores, [0, 1, 2], reduction="none").data
    np.testing.assert_allclose(by_classes, losses / 3, rtol=1e-14)


def test_a_hinge_keeps_the_digits_of_small_scores() -> None:
    found = multi_class_hinge_loss(np.array([[1.0, 1e-20, -1.0]]), [0], margin=1.0).item()
    assert found == pytest.approx(0, abs=1e-15)
    assert multi_class_hinge_loss(np.array([[0.0, 1e-20]]), [0], margin=0.0).item() == 1e-20


def test_distances_of_triplets() -> None:
    anchor, near, far = [[0.0, 0.0]], [[3.0, 4.0]], [[0.0, 1.0]]
    loss = triplet_margin_loss(np.array(anchor), near, far, margin=2, eps=0)
    assert loss.item() == 2 + 5 - 1
    swapped = triplet_margin_loss(np.array(anchor), far, near, margin=10, eps=0, swap=True)
    assert swapped.item() == pytest.approx(10 + 1 - 18**0.5)  # |(0, 1) − (3, 4)| = √18 < 5
    longest = triplet_margin_loss(np.array(anchor), near, far, margin=2, p=np.inf, eps=0)
    assert longest.item() == 2 + 4 - 1


def test_proximity_is_that_of_rows_whatever_stands_before_them() -> None:
    rows = np.arange(1.0, 13).reshape(2, 3, 2)
    for x in (rows, rows[0], rows[0, 0]):
        found = cosine_proximity_loss(x, 3 * x, reduction="none")
        np.testing.assert_allclose(found.data, np.full(x.shape[:-1], -1), rtol=1e-14)


# Likelihoods


def test_squares_are_least_at_the_mean_and_absolute_errors_at_the_median() -> None:
    sample = np.array([1.0, 2.0, 3.0, 10.0, 4.0])
    for loss, best in ((mse_loss, np.mean(sample)), (l1_loss, np.median(sample))):
        x = Tensor(np.full(5, best), requires_grad=True)
        loss(x, sample).backward()
        assert x.grad.data.sum() == pytest.approx(0, abs=1e-15)


def test_the_full_normal_likelihood() -> None:
    v = PROBABILITIES
    density = np.exp(-((NUMBERS - OTHERS) ** 2) / (2 * v)) / np.sqrt(2 * pi * v)
    found = gaussian_nll_loss(NUMBERS, OTHERS, v, full=True, reduction="none").data
    np.testing.assert_allclose(found, -np.log(density), rtol=1e-12)
    one = gaussian_nll_loss(NUMBERS, OTHERS, 0.5, reduction="none").data
    half = gaussian_nll_loss(NUMBERS, OTHERS, np.full((5, 3), 0.5), reduction="none").data
    np.testing.assert_array_equal(one, half)


def test_no_variance_counts_as_less_than_eps() -> None:
    var = Tensor(np.array([0.0, 0.5, 2.0]), requires_grad=True)
    losses = gaussian_nll_loss(np.ones(3), np.zeros(3), var, eps=0.5, reduction="none")
    np.testing.assert_allclose(losses.data, [(log(v) + 1 / v) / 2 for v in (0.5, 0.5, 2)])
    losses.sum().backward()
    np.testing.assert_allclose(var.grad.data, [(1 / v - 1 / v**2) / 2 for v in (0.5, 0.5, 2)])


@pytest.mark.parametrize("count", [2, 3, 10, 50])
def test_the_full_poisson_likelihood_is_as_near_as_stirlings_formula(count: int) -> None:
    rate = 4.2
    exact = rate - count * log(rate) + lgamma(count + 1)
    found = poisson_nll_loss(np.array(log(rate)), float(count), full=True).item()
    assert 0 < exact - found < 1 / (12 * count)  # Robbins, A remark on Stirling's formula (1955)


def test_divergence_is_cross_entropy_beyond_the_entropy_of_the_target() -> None:
    logp = np.log(softmax(NUMBERS))
    entropy = -(ROWS * np.log(ROWS)).sum()
    divergence = kl_div(logp, ROWS, reduction="sum").item()
    crossed = cross_entropy(NUMBERS, ROWS, reduction="sum").item()
    assert divergence == pytest.approx(crossed - entropy, rel=1e-12)
    assert kl_div(np.log(ROWS), ROWS).item() == pytest.approx(0, abs=1e-16)
    by_logs = kl_div(logp, np.log(ROWS), log_target=True, reduction="sum").item()
    assert by_logs == pytest.approx(divergence, rel=1e-12)


# One loss by another


def test_two_classes_are_a_sigmoid() -> None:
    z = NUMBERS[:, 0]
    two = np.stack([np.zeros(5), z], axis=-1)
    crossed = cross_entropy(two, LABELS % 2, reduction="none").data
    binary = binary_cross_entropy_with_logits(z, LABELS % 2, reduction="none").data
    np.testing.assert_allclose(crossed, binary, rtol=1e-13)


def test_losses_of_logits_are_those_of_their_probabilities() -> None:
    p = 1 / (1 + np.exp(-NUMBERS))
    ours = binary_cross_entropy_with_logits(NUMBERS, ROWS, reduction="none").data
    np.testing.assert_allclose(
        ours, binary_cross_entropy(p, ROWS, reduction="none").data, rtol=1e-12
    )
    signed = soft_margin_loss(NUMBERS, SIGNS, reduction="none").data
    yes = binary_cross_entropy_with_logits(NUMBERS, SIGNS > 0, reduction="none").data
    np.testing.assert_allclose(signed, yes, rtol=1e-13)
    rows = multilabel_soft_margin_loss(NUMBERS, ROWS, reduction="none").data
    np.testing.assert_allclose(rows, ours.mean(axis=-1), rtol=1e-13)
    nll = nll_loss(np.log(softmax(NUMBERS)), LABELS, reduction="none").data
    crossed = cross_entropy(NUMBERS, LABELS, reduction="none").data
    np.testing.assert_allclose(nll, crossed, rtol=1e-13)


def test_a_positive_weight_counts_like_that_many_examples() -> None:
    z, y = NUMBERS[:, 0], LABELS % 2
    weighted = binary_cross_entropy_with_logits(z, y, pos_weight=3, reduction="sum").item()
    often = np.repeat(np.arange(5), np.where(y == 1, 3, 1))
    repeated = binary_cross_entropy_with_logits(z[often], y[often], reduction="sum").item()
    assert weighted == pytest.approx(repeated, rel=1e-14)


def test_smoothed_labels_are_rows() -> None:
    rows = 0.8 * np.eye(3)[LABELS] + 0.2 / 3
    smoothed = cross_entropy(NUMBERS, LABELS, label_smoothing=0.2).item()
    assert smoothed == pytest.approx(cross_entropy(NUMBERS, rows).item(), rel=1e-14)


def test_smooth_l1_runs_from_huber_to_l1() -> None:
    huber = huber_loss(NUMBERS, OTHERS, delta=0.25).item()
    smooth = smooth_l1_loss(NUMBERS, OTHERS, beta=0.25).item()
    assert smooth == pytest.approx(huber / 0.25, rel=1e-14)
    absolute = l1_loss(NUMBERS, OTHERS).item()
    assert smooth_l1_loss(NUMBERS, OTHERS, beta=0).item() == absolute
    tiny = smooth_l1_loss(NUMBERS, OTHERS, beta=1e-9).item()
    assert tiny == pytest.approx(absolute, rel=1e-8)


def test_proximity_does_not_see_lengths() -> None:
    losses = cosine_proximity_loss(NUMBERS, 3 * NUMBERS, reduction="none").data
    np.testing.assert_allclose(losses, -np.ones(5), rtol=1e-14)
    opposite = cosine_proximity_loss(NUMBERS, -NUMBERS).item()
    assert opposite == pytest.approx(1, rel=1e-14)
