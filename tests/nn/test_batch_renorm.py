"""Batch renormalisation: training corrected toward what evaluation gives.

What it has in common with batch normalisation is in test_batch_norm.py.
"""

import copy

import numpy as np
import pytest

import autograd
from autograd import Tensor
from nn.batch_norm import BatchNorm1d, BatchRenorm1d

MEAN, STD = np.array([1.0, -20, 300]), np.array([0.5, 4, 1])


def batch(n=8, seed=0):
    return MEAN + STD * np.random.default_rng(seed).standard_normal((n, 3))


def norm(kind=BatchNorm1d, **settings):
    return kind(3, dtype=np.float64, **settings)


def test_within_its_limits_renormalisation_trains_on_what_evaluation_gives():
    layer, x = norm(BatchRenorm1d, rmax=100.0, dmax=1000.0), batch()
    layer.running_mean.copy_(MEAN + 1)
    layer.running_var.copy_(2 * STD**2)
    evaluated = copy.deepcopy(layer).eval()(x).data
    np.testing.assert_allclose(layer(x).data, evaluated, rtol=1e-10)


def test_with_the_narrowest_limits_renormalisation_is_batch_normalisation():
    x = batch()
    plain = norm(momentum=0.01)
    other = norm(BatchRenorm1d, rmax=1.0, dmax=0.0)
    np.testing.assert_allclose(other(x).data, plain(x).data, rtol=1e-14)
    np.testing.assert_array_equal(other.running_mean.data, plain.running_mean.data)
    np.testing.assert_array_equal(other.running_var.data, plain.running_var.data)


LIMITED = [  # running mean and standard deviation, r and d, for a batch of mean 0 and variance 1
    (0, 0.1, 3, 0),
    (0, 0.5, 2, 0),
    (0, 2, 0.5, 0),
    (0, 50, 1 / 3, 0),
    (-0.5, 1, 1, 0.5),
    (-8, 2, 0.5, 4),
    (100, 1, 1, -5),
    (-100, 1, 1, 5),
]


@pytest.mark.parametrize(("mean", "std", "r", "d"), LIMITED)
def test_corrections_stay_within_their_limits(mean, std, r, d):
    layer = BatchRenorm1d(1, eps=0.0, affine=False, dtype=np.float64)
    layer.running_mean.copy_(np.array([mean]))
    layer.running_var.copy_(np.array([std**2]))
    x = np.array([[-1.0], [1.0]])
    np.testing.assert_allclose(layer(x).data, r * x + d, rtol=1e-12)


def test_no_gradient_flows_through_the_corrections():
    x = batch()
    layer = norm(BatchRenorm1d, rmax=100.0)
    layer.running_mean.copy_(MEAN + STD)
    layer.running_var.copy_(4 * STD**2)
    std = np.sqrt(4 * STD**2 + 1e-5)
    r = np.sqrt(x.var(0) + 1e-5) / std
    d = (x.mean(0) - MEAN - STD) / std
    g = np.random.default_rng(1).standard_normal(x.shape)
    leaf = Tensor(x, requires_grad=True)
    found = autograd.grad(layer(leaf), leaf, g).data
    expected = autograd.grad(norm(affine=False)(leaf) * r + d, leaf, g).data
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_renormalisation_of_small_batches_is_nearer_to_evaluation():
    def gap(kind, **settings):
        layer = norm(kind, momentum=0.02, **settings)
        for seed in range(400):
            layer(batch(4, seed))
        x = batch(4, seed=1000)
        trained = layer(x).data
        return np.abs(layer.eval()(x).data - trained).mean()

    assert gap(BatchRenorm1d) < 0.1 * gap(BatchNorm1d)
