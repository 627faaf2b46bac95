"""Small made-up data sets: where their points lie, and that seeds repeat them."""

import numpy as np
import pytest
from support.checks import message

import autograd
from nn.data import blobs, circles, curves, moons, spirals, xor

FLAT = {"xor": xor, "circles": circles, "moons": moons, "spirals": spirals, "blobs": blobs}
CURVES = {name: getattr(curves, name) for name in ("sine", "step", "polynomial", "bimodal")}


def polar(x):
    return np.hypot(x[:, 0], x[:, 1]), np.arctan2(x[:, 1], x[:, 0]) % (2 * np.pi)


def test_xor_is_1_where_one_coordinate_is_positive():
    x, y = xor(500, generator=0)
    assert np.array_equal(y, x[:, 0] * x[:, 1] < 0)
    assert -1 <= x.min() < -0.9
    assert 0.9 < x.max() <= 1


def test_circles_have_the_radii_1_and_a_half():
    x, y = circles(100, noise=0, generator=0)
    radius, angle = polar(x)
    np.testing.assert_allclose(radius, np.where(y == 1, 0.5, 1), rtol=1e-6)
    assert np.ptp(angle[y == 0]) > 5  # all around
    assert np.ptp(angle[y == 1]) > 5


def test_moons_are_half_circles_around_their_centres():
    x, y = moons(100, noise=0, generator=0)
    upper, lower = x[y == 0], x[y == 1] - [1, 0.5]
    for moon, side in ((upper, 1), (lower, -1)):
        np.testing.assert_allclose(np.hypot(*moon.T), 1, rtol=1e-5)
        assert (side * moon[:, 1] >= -1e-6).all()


@pytest.mark.parametrize("classes", [2, 3])
def test_spirals_wind_once_with_an_arm_for_each_class(classes):
    x, y = spirals(300, noise=0, classes=classes, generator=0)
    radius, angle = polar(x)
    expected = 2 * np.pi * (radius + y / classes)
    np.testing.assert_allclose(np.cos(angle - expected), 1, atol=1e-5)
    assert 0.1 - 1e-6 <= radius.min() < 0.15
    assert 0.95 < radius.max() <= 1


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_blobs_lie_around_a_circle(classes):
    x, y = blobs(5000, noise=0.1, classes=classes, generator=0)
    angles = 2 * np.pi * np.arange(classes) / classes
    for k, (across, up) in enumerate(zip(np.cos(angles), np.sin(angles), strict=True)):
        np.testing.assert_allclose(x[y == k].mean(axis=0), [across, up], atol=0.02)
        np.testing.assert_allclose(x[y == k].std(axis=0), 0.1, rtol=0.1)


@pytest.mark.parametrize("name", FLAT)
def test_classes_are_of_equal_size_and_shuffled(name):
    n = 101
    x, y = FLAT[name](n, generator=0)
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((n, 2), np.float32, (n,), np.int64)
    counts = np.bincount(y)
    assert np.ptp(counts) <= (1 if name != "xor" else 30)  # xor's points fall where they fall
    assert 20 < np.count_nonzero(np.diff(y)) < 90


@pytest.mark.parametrize(
    ("name", "curve"),
    [
        ("sine", lambda x: np.sin(2 * np.pi * x)),
        ("step", lambda x: np.where(x < 0, 0, 1)),
        ("polynomial", lambda x: np.cos(3 * np.arccos(x))),  # what Chebyshev's T₃ is
    ],
)
def test_points_lie_on_their_curve_but_for_the_noise(name, curve):
    x, y = CURVES[name](300, noise=0, generator=0)
    np.testing.assert_allclose(y, curve(x), atol=2e-5)
    x, y = CURVES[name](3000, noise=0.2, generator=0)
    assert np.std(y - curve(x)) == pytest.approx(0.2, rel=0.05)


def test_the_bimodal_target_lies_above_or_below_its_average_and_never_there():
    x, y = curves.bimodal(1000, noise=0, generator=0)
    np.testing.assert_allclose(np.abs(y - x), 1, rtol=1e-6)
    assert 400 < np.count_nonzero(y > x) < 600
    assert abs(np.corrcoef((y > x).ravel(), x.ravel())[0, 1]) < 0.1


@pytest.mark.parametrize("name", CURVES)
def test_curves_are_columns(name):
    x, y = CURVES[name](7, generator=0)
    assert (x.shape, y.shape, x.dtype, y.dtype) == ((7, 1), (7, 1), np.float32, np.float32)
    x, _ = CURVES[name](500, generator=0)
    assert -1 <= x.min() < -0.9
    assert 0.9 < x.max() <= 1


@pytest.mark.parametrize("name", FLAT | CURVES)
def test_seeds_repeat_the_points(name, monkeypatch):
    make = (FLAT | CURVES)[name]
    first = make(20, generator=5)
    assert all(map(np.array_equal, first, make(20, generator=np.random.default_rng(5))))
    assert not np.array_equal(first[0], make(20, generator=6)[0])
    monkeypatch.setattr(autograd.random, "_generator", None)
    autograd.manual_seed(5)
    assert all(map(np.array_equal, first, make(20)))


@pytest.mark.parametrize("name", FLAT)
def test_noise_moves_points_by_its_deviation(name):
    still, _ = FLAT[name](3000, noise=0, generator=0)
    moved, _ = FLAT[name](3000, noise=0.3, generator=0)
    assert np.std(moved - still) == pytest.approx(0.3, rel=0.03)


@pytest.mark.parametrize("name", FLAT | CURVES)
def test_wrong_arguments_are_refused(name):
    make = (FLAT | CURVES)[name]
    assert message(ValueError, lambda: make(0)) == (f"{name}: n is a positive whole number, not 0.")
    assert message(ValueError, lambda: make(10, noise=-1)) == (
        f"{name}: noise is a standard deviation, 0 or more, not -1."
    )
