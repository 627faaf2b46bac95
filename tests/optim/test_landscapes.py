"""Landscapes: their published minima, and their pictures' data."""

import numpy as np
import pytest

from autograd import Tensor
from optim import landscapes
from optim.landscapes import LANDSCAPES, beale, himmelblau, ravine, rosenbrock, saddle

every = pytest.mark.parametrize("landscape", LANDSCAPES, ids=[x.name for x in LANDSCAPES])


def gradient(landscape, point):
    p = Tensor(np.array(point), requires_grad=True)
    landscape(p).backward()
    return p.grad.data


# Values by hand: 1.5² + 2.25² + 2.625² at the origin for Beale's; 1 + 0 for Rosenbrock's; 11² + 7².
@pytest.mark.parametrize(
    ("landscape", "point", "height"),
    [
        (beale, (0.0, 0.0), 14.203125),
        (beale, (1.0, 2.0), 2.5**2 + 5.25**2 + 9.625**2),
        (rosenbrock, (0.0, 0.0), 1.0),
        (rosenbrock, (-1.2, 1.0), 24.2),  # the height of its start, in Rosenbrock's paper
        (saddle, (3.0, 2.0), 5.0),
        (ravine, (2.0, 1.0), 27.0),
        (himmelblau, (0.0, 0.0), 170.0),
        (himmelblau, (1.0, 2.0), 8.0**2 + 2.0**2),
    ],
)
def test_heights(landscape, point, height):
    assert landscape(Tensor(np.array(point))).item() == pytest.approx(height, rel=1e-14)


@every
def test_minima_are_zeros_with_a_level_gradient_and_rising_ground_all_round(landscape):
    for minimum in landscape.minima:
        assert landscape(Tensor(np.array(minimum))).item() == pytest.approx(0, abs=1e-25)
        np.testing.assert_allclose(gradient(landscape, minimum), 0, atol=1e-12)
        for angle in np.linspace(0, 2 * np.pi, 12):
            near = np.array(minimum) + 1e-3 * np.array([np.cos(angle), np.sin(angle)])
            assert landscape(Tensor(near)).item() > 0


def test_how_many_minima_there_are():
    assert [len(x.minima) for x in LANDSCAPES] == [1, 1, 0, 1, 4]
    assert len(set(himmelblau.minima)) == 4


def test_the_saddle_rises_along_x_and_falls_along_y():
    np.testing.assert_array_equal(gradient(saddle, (0.0, 0.0)), 0)
    np.testing.assert_array_equal(gradient(saddle, (1.0, 1.0)), [2.0, -2.0])


def test_the_ravine_is_fifty_times_as_steep_across_as_along():
    np.testing.assert_array_equal(gradient(ravine, (1.0, 1.0)), [1.0, 50.0])


@every
def test_start_and_minima_lie_in_the_window(landscape):
    for point in (landscape.start, *landscape.minima):
        for value, (low, high) in zip(point, landscape.window, strict=True):
            assert low < value < high


@every
def test_a_landscape_is_a_function_of_many_points_at_once(landscape):
    points = np.random.default_rng(0).standard_normal((2, 3, 4))
    heights = landscape(Tensor(points))
    assert heights.shape == (3, 4)
    one = landscape(Tensor(points[:, 1, 2])).item()
    assert heights.data[1, 2] == pytest.approx(one, rel=1e-14)


@every
def test_a_grid_has_heights_by_y_and_x(landscape):
    x, y, heights = landscape.grid(7)
    assert (x[0], x[-1]) == landscape.window[0]
    assert (y[0], y[-1]) == landscape.window[1]
    point = Tensor(np.array([x[2], y[5]]))
    assert heights[5, 2] == pytest.approx(landscape(point).item(), rel=1e-13)


@every
def test_contour_levels_rise_and_lie_within_the_heights(landscape):
    levels = landscape.contour_levels(12)
    heights = landscape.grid()[2]
    assert len(levels) == 12
    assert (np.diff(levels) > 0).all()
    assert heights.min() < levels[0]
    assert levels[-1] < heights.max()


@pytest.mark.parametrize(
    ("point", "given"),
    [
        (Tensor([1.0, 2.0, 3.0]), "shape (3,)"),
        (np.zeros(2), "shape (2,)"),
        ((1.0, 2.0), "(1.0, 2.0)"),
    ],
)
def test_what_is_no_point(point, given):
    with pytest.raises(ValueError, match="Beale") as caught:
        landscapes.beale(point)
    assert str(caught.value) == (
        "The landscape Beale is a function of a Tensor of two numbers, shape (2,) or (2, …), such "
        f"as Tensor([1.0, 2.0]); it was given {given}."
    )
