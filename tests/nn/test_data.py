"""The digits, and what is done to data before it meets a network."""

from itertools import combinations

import numpy as np
import pytest
from support.checks import message

import autograd
import nn
from autograd import Tensor
from nn.data import batches, digits, standardize, stratified_split


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def images_and_labels():
    return digits()


# Digits


def test_the_digits_are_the_1797_of_the_uci_repository(images_and_labels):
    images, labels = images_and_labels
    assert (images.shape, images.dtype) == ((1797, 64), np.float32)
    assert (labels.shape, labels.dtype) == ((1797,), np.int64)
    assert (images.min(), images.max()) == (0, 16)
    assert (images == np.round(images)).all()
    # The counts that the repository's description gives for the test part.
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_an_image_lies_in_its_row_line_by_line(images_and_labels):
    images, labels = images_and_labels
    assert labels[:10].tolist() == list(range(10))
    # The first line of the repository's file optdigits.tes.
    assert images[0].reshape(8, 8).astype(int).tolist() == [
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
        [0, 3, 15, 2, 0, 11, 8, 0],
        [0, 4, 12, 0, 0, 8, 8, 0],
        [0, 5, 8, 0, 0, 9, 8, 0],
        [0, 4, 11, 0, 1, 12, 7, 0],
        [0, 2, 14, 5, 10, 12, 0, 0],
        [0, 0, 6, 13, 10, 0, 0, 0],
    ]


def test_every_call_gives_arrays_of_ones_own(images_and_labels):
    images, _ = digits()
    images[:] = 0
    assert images_and_labels[0].any()
    assert digits()[0].any()


# Splits


@pytest.mark.parametrize("fractions", [(0.8, 0.2), (0.6, 0.2, 0.2), (0.98, 0.01, 0.01), (1,)])
def test_a_split_covers_everything_once_in_the_same_proportions(images_and_labels, fractions):
    _, labels = images_and_labels
    parts = stratified_split(labels, fractions, rng())
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(len(labels)))
    for part, fraction in zip(parts, fractions, strict=True):
        assert len(part) == pytest.approx(fraction * len(labels), abs=1)
        counts = np.bincount(labels[part], minlength=10)
        assert np.abs(counts - fraction * np.bincount(labels)).max() < 1.5


@pytest.mark.parametrize("n", [2, 3, 7, 10])
@pytest.mark.parametrize("fractions", [(0.5, 0.5), (0.3, 0.3, 0.4), (0.9, 0.1)])
def test_small_classes_do_not_add_up_to_a_wrong_size(n, fractions):
    labels = np.repeat(np.arange(20), n)  # rounding every class alike would miss by up to ten
    for part, fraction in zip(stratified_split(labels, fractions, rng()), fractions, strict=True):
        assert abs(len(part) - fraction * len(labels)) <= 1


def test_a_split_is_shuffled_and_follows_its_generator(images_and_labels):
    _, labels = images_and_labels
    parts = [stratified_split(labels, (0.8, 0.2), rng(seed))[0] for seed in (0, 0, 1)]
    assert np.array_equal(parts[0], parts[1])
    assert not np.array_equal(parts[0], parts[2])
    assert len(np.intersect1d(parts[0], parts[2])) < 0.85 * len(parts[0])  # others were chosen
    for part in parts:
        assert abs(np.corrcoef(part, np.arange(len(part)))[0, 1]) < 0.1
        assert np.abs(np.diff(labels[part])).mean() > 2  # sorted by class it would be near 0


def test_a_split_takes_any_labels():
    parts = stratified_split(["b", "a", "b", "a"], (0.5, 0.5), rng())
    assert [sorted(np.array(["b", "a", "b", "a"])[part]) for part in parts] == [["a", "b"]] * 2
    assert len(stratified_split(Tensor(np.array([0, 1])), (0.5, 0.5), rng())) == 2


def test_without_a_generator_the_projects_seed_decides(monkeypatch):
    monkeypatch.setattr(autograd.random, "_generator", None)  # put back after the test
    results = []
    for _ in range(2):
        autograd.manual_seed(4)
        parts = stratified_split(np.arange(20) % 2, (0.5, 0.5))
        results.append([*parts, *batches(np.arange(20), batch_size=20)])
    assert all(map(np.array_equal, *results))


SPLITS = [
    (
        ([0, 1], (0.5, 0.6)),
        "stratified_split: the fractions are positive and add up to 1, such as (0.8, 0.2), not "
        "(0.5, 0.6).",
    ),
    (
        ([0, 1], (1.5, -0.5)),
        "stratified_split: the fractions are positive and add up to 1, such as (0.8, 0.2), not "
        "(1.5, -0.5).",
    ),
    (
        ([0, 1], 0.8),
        "stratified_split: the fractions are positive and add up to 1, such as (0.8, 0.2), not "
        "0.8.",
    ),
    (
        ([0, 1, 0], (0.98, 0.01, 0.01)),
        "stratified_split: 3 examples are too few for the fractions (0.98, 0.01, 0.01); the parts "
        "would have 3, 0, 0.",
    ),
    (
        (np.zeros((3, 2)), (0.5, 0.5)),
        "stratified_split takes one label for each example, shape (n,), not (3, 2).",
    ),
]


@pytest.mark.parametrize(("arguments", "expected"), SPLITS)
def test_what_cannot_be_split_is_refused(arguments, expected):
    assert message(ValueError, lambda: stratified_split(*arguments)) == expected


# Scaling


def test_all_are_scaled_with_the_mean_and_deviation_of_the_training_part():
    train, test = rng().normal(3, 2, (50, 4)), rng(1).normal(3, 2, (20, 4))
    scaled, other = standardize(train, test)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(scaled.std(axis=0), 1)
    np.testing.assert_allclose(other * train.std(axis=0) + train.mean(axis=0), test)
    assert abs(other.mean()) > 0.01


def test_one_array_alone_is_answered_with_one():
    assert standardize(np.array([[1.0], [3.0]])).tolist() == [[-1], [1]]


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e9])
def test_a_constant_feature_is_only_shifted(constant):
    # The mean of ten times 0.1 is not 0.1 in floating point, so the deviation is not exactly 0.
    train = np.column_stack([np.full(10, constant), np.arange(10.0)])
    scaled, other = standardize(train, train + 2)
    np.testing.assert_allclose(scaled[:, 0], 0, atol=1e-15 * constant)
    np.testing.assert_allclose(other[:, 0], train[:, 0] + 2 - constant, rtol=1e-14)


def test_the_dtype_stays_floating_and_the_input_as_it_was():
    whole = np.array([[0, 2], [4, 2]], np.uint8)
    scaled, double = standardize(whole, whole.astype(np.float64))
    assert (scaled.dtype, double.dtype) == (np.float32, np.float64)
    assert scaled.tolist() == double.tolist() == [[-1, 0], [1, 0]]
    assert whole.tolist() == [[0, 2], [4, 2]]


def test_the_digits_become_standard(images_and_labels):
    scaled = standardize(images_and_labels[0])
    constant = np.ptp(images_and_labels[0], axis=0) == 0
    assert constant.sum() == 3  # pixels that nobody's pen has touched
    scaled = scaled.astype(np.float64)  # whose sums are exact enough to tell
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-7)
    np.testing.assert_allclose(scaled.std(axis=0), np.where(constant, 0, 1), atol=1e-7)


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        (
            (np.ones((3, 2)), np.ones((3, 4))),
            "standardize: the training examples have the shape (2,), and others have (4,).",
        ),
        (
            (np.ones((0, 2)),),
            "standardize: the first argument has the training examples, shape (n, features), at "
            "least one; its shape is (0, 2).",
        ),
    ],
)
def test_what_cannot_be_scaled_is_refused(arrays, expected):
    assert message(ValueError, lambda: standardize(*arrays)) == expected


# Batches


def test_batches_go_once_through_the_examples_and_keep_them_together():
    x, y = np.arange(10) * 10, np.arange(10)
    pieces = list(batches(x, y, batch_size=4, generator=rng()))
    assert [len(a) for a, _ in pieces] == [4, 4, 2]
    assert all(np.array_equal(a, 10 * b) for a, b in pieces)
    order = np.concatenate([b for _, b in pieces])
    assert np.array_equal(np.sort(order), y)
    assert not np.array_equal(order, y)


def test_batches_keep_the_order_unless_shuffled():
    pieces = list(batches(np.arange(5), batch_size=2, shuffle=False))
    assert [one.tolist() for one in pieces] == [[0, 1], [2, 3], [4]]


def test_batches_are_shuffled_anew_at_every_call():
    generator = rng()
    rounds = [
        next(batches(np.arange(20), batch_size=20, generator=generator)).tolist() for _ in range(3)
    ]
    assert all(one != other for one, other in combinations(rounds, 2))
    again = next(batches(np.arange(20), batch_size=20, generator=rng())).tolist()
    assert again == rounds[0]


def test_batches_of_tensors_are_tensors():
    (piece,) = batches(Tensor([1.0, 2.0]), batch_size=5)
    assert isinstance(piece, Tensor)
    assert sorted(piece.data) == [1, 2]


NO_BATCHES = [
    (
        (np.ones(3), np.ones(2)),
        2,
        ValueError,
        "batches: the arrays have unequal numbers of examples: 3, 2.",
    ),
    ((), 2, ValueError, "batches: give at least one array of examples."),
    ((np.ones(3),), 0, ValueError, "batches: batch_size is a positive whole number, not 0."),
    (
        (np.ones(3),),
        2.0,
        TypeError,
        "batches: batch_size is a positive whole number, not 2.0 (float).",
    ),
    (
        ((np.ones(3), np.ones(3)),),
        2,
        TypeError,
        "batches: argument 0 is no array of examples, but of type tuple. Give the arrays one by "
        "one, batches(x, y, batch_size=64); for bare indices give np.arange(n).",
    ),
    (
        (np.ones(3), 3),
        2,
        TypeError,
        "batches: argument 1 is no array of examples, but of type int. Give the arrays one by "
        "one, batches(x, y, batch_size=64); for bare indices give np.arange(n).",
    ),
]


@pytest.mark.parametrize(("arrays", "size", "kind", "expected"), NO_BATCHES)
def test_what_makes_no_batches_is_refused_at_the_call(arrays, size, kind, expected):
    assert message(kind, lambda: batches(*arrays, batch_size=size)) == expected


def test_the_package_offers_what_it_lists():
    assert all(hasattr(nn.data, name) for name in nn.data.__all__)
