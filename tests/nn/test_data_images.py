"""Augmentation: images moved, turned, bent, flipped and noisy."""

import numpy as np
import pytest
from support.checks import message

from nn.data import AddNoise, Compose, RandomAffine, affine, digits

DTYPES = [np.float32, np.float64, np.float16, np.uint8, np.int64]


def images(n=6, height=9, width=9, dtype=np.float32):
    numbers = np.random.default_rng(0).integers(0, 256, (n, height, width))
    return numbers.astype(dtype) if np.dtype(dtype).kind != "f" else (numbers / 256).astype(dtype)


def by_hand(image, place, fill):
    """Bilinear interpolation at one place, (row, column), from its definition."""
    row, column = place
    total = 0.0
    for r in (np.floor(row), np.floor(row) + 1):
        for c in (np.floor(column), np.floor(column) + 1):
            inside = 0 <= r < image.shape[0] and 0 <= c < image.shape[1]
            value = image[int(r), int(c)] if inside else fill
            total += (1 - abs(row - r)) * (1 - abs(column - c)) * value
    return total


# Identities


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(5, 7), (4, 4), (1, 1)])
def test_nothing_asked_for_is_nothing_changed_bit_for_bit(dtype, shape):
    x = images(3, *shape, dtype)
    same = affine(x, fill=0.5)
    assert same.dtype == x.dtype
    assert same.tobytes() == x.tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("turns", range(-2, 5))
@pytest.mark.parametrize("size", [8, 9])
def test_right_angles_are_rot90(dtype, turns, size):
    x = images(3, size, size, dtype)
    assert np.array_equal(affine(x, rotate=90 * turns), np.rot90(x, turns, axes=(1, 2)))


@pytest.mark.parametrize("shift", [(0, 0), (1, 0), (0, 1), (3, -2), (-4, 5), (9, 0), (0, -100)])
def test_shifts_by_whole_pixels_are_roll_with_the_background_coming_in(shift):
    x = images()
    down, right = shift
    expected = np.roll(x, shift, axis=(1, 2))
    rows, columns = np.indices((9, 9))
    inside = np.isin(rows - down, range(9)) & np.isin(columns - right, range(9))
    expected[:, ~inside] = 0.25  # what came round
    assert np.array_equal(affine(x, shift=shift, fill=0.25), expected)


def test_a_flip_exchanges_left_and_right():
    x = images(2, 4, 7)
    assert np.array_equal(affine(x, flip=True), x[:, :, ::-1])


def test_doubling_and_halving_keep_the_middle():
    x = images(2, 9, 9)
    doubled = affine(x, zoom=2)
    np.testing.assert_allclose(doubled[:, ::2, ::2], x[:, 2:7, 2:7], rtol=1e-6)
    np.testing.assert_allclose(affine(doubled, zoom=0.5)[:, 2:7, 2:7], x[:, 2:7, 2:7], rtol=1e-6)


def test_a_stretch_widens_and_flattens_at_the_same_area():
    x = images(2, 9, 9)
    stretched = affine(x, stretch=4)  # twice as wide, half as high
    np.testing.assert_allclose(stretched[:, 4, ::2], x[:, 4, 2:7], rtol=1e-6)
    np.testing.assert_allclose(stretched[:, 2:7, 4], x[:, ::2, 4], rtol=1e-6)


def test_a_shear_leans_upright_lines_to_the_right():
    line = np.zeros((1, 9, 9))
    line[:, :, 4] = 1
    leaning = affine(line, shear=45)
    np.testing.assert_allclose(leaning[0], np.eye(9)[::-1], atol=1e-12)


def test_a_rotation_is_counter_clockwise():
    dot = np.zeros((1, 9, 9))
    dot[0, 4, 8] = 1  # on the right
    turned = affine(dot, rotate=45)[0]
    assert np.unravel_index(turned.argmax(), (9, 9)) == (1, 7)  # up, and still right


# In general


def test_every_pixel_is_interpolated_where_it_came_from():
    x = images(1, 6, 8, np.float64)
    angle, tall, wide, lean = np.radians(20), 1.1 / np.sqrt(1.2), -1.1 * np.sqrt(1.2), np.tan(0.1)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    forward = turn @ np.array([[1, 0], [-lean, 1]]) @ np.diag([tall, wide])
    middle, shift = np.array([2.5, 3.5]), np.array([0.7, -1.2])
    found = affine(
        x,
        rotate=20,
        zoom=1.1,
        stretch=1.2,
        flip=True,
        shear=np.degrees(0.1),
        shift=shift,
        fill=0.5,
    )
    for row in range(6):
        for column in range(8):
            place = np.linalg.solve(forward, [row, column] - middle - shift) + middle
            assert found[0, row, column] == pytest.approx(by_hand(x[0], place, 0.5), abs=1e-12)


def test_each_image_has_settings_of_its_own():
    x = images(3)
    settings = {
        "shift": [[1, 0], [0, 2.5], [-1, 1]],
        "rotate": [10, -20, 30],
        "zoom": [1, 1.5, 0.7],
        "stretch": [1.2, 1, 0.8],
        "shear": [0, 5, -5],
        "flip": [True, False, True],
    }
    together = affine(x, **settings)
    for i in range(3):
        alone = affine(x[i : i + 1], **{name: values[i] for name, values in settings.items()})
        np.testing.assert_allclose(together[i], alone[0], rtol=1e-5, atol=1e-6)


def test_whole_numbers_are_rounded_to_the_nearest():
    x = np.array([[[10, 13]]], np.uint8)
    assert affine(x, shift=(0, 0.25), fill=10).tolist() == [[[10, 12]]]  # 10 and 12.25
    assert affine(x, shift=(0, 0.75), fill=10).tolist() == [[[10, 11]]]  # 10 and 10.75


def test_the_background_is_smooth_at_the_edge():
    white = np.ones((1, 3, 3))
    np.testing.assert_allclose(affine(white, shift=(0.25, 0))[0, :, 1], [0.75, 1, 1])
    assert (affine(white, zoom=0.9, rotate=17, fill=1.0) == 1).all()


# At random

EVERYTHING = {"shift": 2, "rotate": 15, "zoom": 0.2, "stretch": 0.2, "shear": 10, "flip": True}


def test_random_images_follow_their_generator_and_keep_shape_and_dtype():
    augment = RandomAffine(**EVERYTHING)
    for dtype in DTYPES:
        x = images(dtype=dtype)
        kept = x.copy()
        first = augment(x, 0)
        assert (first.shape, first.dtype) == (x.shape, x.dtype)
        assert np.array_equal(first, augment(x, np.random.default_rng(0)))
        assert not np.array_equal(first, augment(x, 1))
        assert np.array_equal(x, kept)
    alike = augment(np.repeat(images(1), 2, axis=0), 0)
    assert not np.array_equal(alike[0], alike[1])  # each image by amounts of its own


@pytest.mark.parametrize(
    ("setting", "amount", "least", "most"),
    [
        ("shift", 3, -3, 3),
        ("rotate", 20, -20, 20),
        ("zoom", 0.25, 0.8, 1.25),
        ("stretch", 0.25, 0.8, 1.25),
        ("shear", 30, -30, 30),
    ],
)
def test_amounts_fill_their_range_and_nothing_else_changes(
    setting, amount, least, most, monkeypatch
):
    seen = {}
    monkeypatch.setattr(
        "nn.data.augmentation.affine", lambda images, **settings: seen.update(settings) or images
    )
    RandomAffine(**{setting: amount})(np.zeros((2000, 1, 1)), 0)
    values = seen[setting]
    assert least <= values.min() < least + 0.05 * (most - least)
    assert most - 0.05 * (most - least) < values.max() <= most
    middle = 1 if setting in ("zoom", "stretch") else 0
    assert abs(np.mean(values > middle) - 0.5) < 0.05
    neutral = {"shift": 0, "rotate": 0, "zoom": 1, "stretch": 1, "shear": 0, "flip": 0}
    assert all((seen[name] == value).all() for name, value in neutral.items() if name != setting)


def test_amounts_are_independent_of_each_other(monkeypatch):
    seen = {}
    monkeypatch.setattr(
        "nn.data.augmentation.affine", lambda images, **settings: seen.update(settings) or images
    )
    RandomAffine(**EVERYTHING)(np.zeros((2000, 1, 1)), 0)
    del seen["fill"]
    correlation = np.corrcoef(np.column_stack([*seen.values()]).astype(float).T)
    assert correlation.shape == (7, 7)
    assert np.abs(correlation - np.eye(7)).max() < 0.1


def test_every_other_image_is_flipped():
    x = images(500, 1, 2)
    flipped = (RandomAffine(flip=True)(x, 0) == x[:, :, ::-1]).all(axis=(1, 2))
    assert 200 < flipped.sum() < 300


def test_flat_rows_are_images_of_the_shape_said():
    x = digits()[0][:10]
    flat = RandomAffine(**EVERYTHING, image_shape=(8, 8))(x, 0)
    square = RandomAffine(**EVERYTHING)(x.reshape(10, 8, 8), 0)
    assert np.array_equal(flat, square.reshape(10, 64))


def test_noise_has_its_deviation_and_follows_its_generator():
    x = np.full((50, 8, 8), 0.5, np.float32)
    noisy = AddNoise(0.1)(x, 0)
    assert noisy.dtype == np.float32
    assert np.std(noisy - x) == pytest.approx(0.1, rel=0.03)
    assert np.mean(noisy - x) == pytest.approx(0, abs=0.01)
    assert np.array_equal(noisy, AddNoise(0.1)(x, np.random.default_rng(0)))
    assert (x == 0.5).all()


def test_noise_on_bytes_stays_within_them():
    x = np.array([[[0, 128, 255]]], np.uint8).repeat(200, axis=0)
    noisy = AddNoise(20)(x, 0)
    assert noisy.dtype == np.uint8
    assert (np.minimum(noisy[:, 0, 0], 255 - noisy[:, 0, 2]) < 128).all()  # nothing wrapped round
    assert np.std(noisy[:, 0, 1].astype(float)) == pytest.approx(20, rel=0.2)


def test_compose_goes_one_after_the_other_with_one_generator():
    x = images()
    both = Compose(RandomAffine(rotate=10), AddNoise(0.1))(x, 0)
    generator = np.random.default_rng(0)
    turned = RandomAffine(rotate=10)(x, generator)
    assert np.array_equal(both, AddNoise(0.1)(turned, generator))


# Errors

X = images()
ERRORS = [
    (
        lambda: affine(np.ones((6, 81))),
        ValueError,
        "affine: images have the shape (n, height, width), not (6, 81). For flat rows write "
        "x.reshape(-1, height, width).",
    ),
    (
        lambda: affine(X > 0),
        TypeError,
        "affine: images are floating or integer numbers, not bool.",
    ),
    (
        lambda: affine(X, rotate=[1, 2]),
        ValueError,
        "affine: rotate is one number for all images or for each of the 6, not of shape (2,).",
    ),
    (
        lambda: affine(X, shift=(1, 2, 3)),
        ValueError,
        "affine: shift is a pair for all images or for each of the 6, not of shape (3,).",
    ),
    (
        lambda: affine(X, zoom=0),
        ValueError,
        "affine: zoom is a factor above 0, not 0.0.",
    ),
    (
        lambda: RandomAffine(rotate=-5),
        ValueError,
        "RandomAffine: rotate is the largest amount, 0 or more, not -5.",
    ),
    (
        lambda: RandomAffine(shear=90),
        ValueError,
        "RandomAffine: shear is an angle below 90 degrees, not 90.",
    ),
    (
        lambda: RandomAffine(image_shape=(28, 28))(np.ones((5, 64))),
        ValueError,
        "RandomAffine: rows of images of (28, 28) have the shape (n, 784), not (5, 64).",
    ),
    (
        lambda: AddNoise(-1),
        ValueError,
        "AddNoise: the deviation is a number, 0 or more, not -1.",
    ),
]


@pytest.mark.parametrize(("call", "kind", "expected"), ERRORS)
def test_what_cannot_be_augmented_is_refused(call, kind, expected):
    assert message(kind, call) == expected
