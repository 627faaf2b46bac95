"""Parting data into training, development and test sets."""

import numpy as np
import pytest
from support.checks import message

import autograd
from autograd import Tensor
from nn.data import DataLoader, Table, digits, train_dev_test_split

N = 1000
LABELS = digits()[1]


def indices(n=N, **settings):
    return train_dev_test_split(np.arange(n), **({"generator": 0} | settings))


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ((0.6, 0.2, 0.2), [600, 200, 200]),
        ((0.98, 0.01, 0.01), [980, 10, 10]),
        ((0.8, 0.2), [800, 200]),
        ((1.0,), [1000]),
        ((700, 299, 1), [700, 299, 1]),
        (np.array([333, 333, 334]), [333, 333, 334]),
    ],
)
@pytest.mark.parametrize("stratify", [None, np.arange(N) % 7])
def test_parts_have_the_sizes_asked_for_and_cover_everything_once(sizes, expected, stratify):
    parts = indices(sizes=sizes, stratify=stratify)
    assert [len(part) for part in parts] == expected
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(N))


def test_three_parts_of_60_20_and_20_percent_are_the_default():
    assert [len(part) for part in indices()] == [600, 200, 200]


@pytest.mark.parametrize("fractions", [(0.8, 0.2), (0.6, 0.2, 0.2), (0.98, 0.01, 0.01)])
def test_stratified_parts_have_all_classes_in_the_same_proportions(fractions):
    for part, fraction in zip(
        indices(len(LABELS), sizes=fractions, stratify=LABELS), fractions, strict=True
    ):
        assert len(part) == pytest.approx(fraction * len(LABELS), abs=1)
        counts = np.bincount(LABELS[part], minlength=10)
        assert np.abs(counts - fraction * np.bincount(LABELS)).max() < 1.5


@pytest.mark.parametrize("n", [2, 3, 7, 10])
@pytest.mark.parametrize("fractions", [(0.5, 0.5), (0.3, 0.3, 0.4), (0.9, 0.1)])
def test_small_classes_do_not_add_up_to_a_wrong_size(n, fractions):
    labels = np.repeat(np.arange(20), n)  # rounding every class alike would miss by up to ten
    parts = indices(len(labels), sizes=fractions, stratify=labels)
    for part, fraction in zip(parts, fractions, strict=True):
        assert abs(len(part) - fraction * len(labels)) <= 1


def test_numbers_are_parted_evenly_along_their_range():
    prices = np.random.default_rng(0).lognormal(size=N)
    means = [np.mean(np.log(prices[part])) for part in indices(stratify=prices)]
    assert np.ptp(means) < 0.02  # by chance 0.1


@pytest.mark.parametrize("labels", [None, LABELS])
def test_parts_are_shuffled_and_follow_their_seed(labels):
    n = len(LABELS)
    (one, _, _), (same, _, _), (other, _, _) = (
        indices(n, stratify=labels, generator=seed) for seed in (0, np.random.default_rng(0), 1)
    )
    assert np.array_equal(one, same)
    assert len(np.intersect1d(one, other)) < 0.65 * len(one)  # others were chosen
    assert abs(np.corrcoef(one, np.arange(len(one)))[0, 1]) < 0.1
    assert np.abs(np.diff(LABELS[one])).mean() > 2  # sorted by class it would be near 0


def test_arrays_are_parted_together_and_one_alone_is_answered_alone():
    x, y = np.arange(20) * 10, np.arange(20)
    for part in train_dev_test_split(x, y, generator=0):
        assert isinstance(part, tuple)
        assert np.array_equal(part[0], 10 * part[1])
    assert isinstance(indices(20)[0], np.ndarray)
    tensors = train_dev_test_split(Tensor(np.arange(20.0)), generator=0)
    assert all(isinstance(one, Tensor) for one in tensors)


def test_labels_may_be_text():
    labels = ["b", "a", "b", "a"]
    parts = indices(4, sizes=(0.5, 0.5), stratify=labels)
    assert [sorted(np.array(labels)[part]) for part in parts] == [["a", "b"]] * 2


def test_without_a_generator_the_projects_seed_decides(monkeypatch):
    monkeypatch.setattr(autograd.random, "_generator", None)  # put back after the test
    results = []
    for _ in range(2):
        autograd.manual_seed(4)
        loader = DataLoader(np.arange(20), batch_size=20, shuffle=True)
        results.append([*indices(20, generator=None), *loader])
    assert all(map(np.array_equal, *results))


ADD_UP = (
    "train_dev_test_split: the sizes are positive, and either fractions that add up to 1, such as "
    "(0.6, 0.2, 0.2), or whole numbers that add up to all 1000 examples; not "
)


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ((0.5, 0.6), "(0.5, 0.6)."),
        ((1.5, -0.5), "(1.5, -0.5)."),
        ((500, 499), "(500, 499)."),
        ((1001, -1), "(1001, -1)."),
        ((np.nan, 1.0), "(nan, 1.0)."),
        (0.8, "0.8."),
        ("80/20", "'80/20'."),
    ],
)
def test_sizes_that_do_not_add_up_are_refused(sizes, shown):
    assert message(ValueError, lambda: indices(sizes=sizes)) == ADD_UP + shown


@pytest.mark.parametrize(
    ("call", "kind", "expected"),
    [
        (
            lambda: indices(3, sizes=(0.98, 0.01, 0.01)),
            ValueError,
            "3 examples are too few for the sizes (0.98, 0.01, 0.01); the parts would have "
            "3, 0, 0.",
        ),
        (
            lambda: indices(3, stratify=np.zeros((3, 2))),
            ValueError,
            "stratify has one label for each of the 3 examples, shape (3,), not (3, 2).",
        ),
        (
            lambda: train_dev_test_split(np.ones(3), np.ones(2)),
            ValueError,
            "the arrays have unequal numbers of examples: 3, 2.",
        ),
        (lambda: train_dev_test_split(), ValueError, "give at least one array of examples."),
        (
            lambda: train_dev_test_split(np.ones((0, 4))),
            ValueError,
            "there are no examples; the shape is (0, 4).",
        ),
        (
            lambda: train_dev_test_split(np.ones(3), [1, 2, 3]),
            TypeError,
            "argument 1 is no array of examples, but of type list. Make it one with np.asarray; "
            "for bare indices give np.arange(n).",
        ),
        (
            lambda: train_dev_test_split(Table(np.ones((3, 1)), np.ones(3), (), None)),
            TypeError,
            "argument 0 is no array of examples, but of type Table. Give its arrays: data.x, "
            "data.y.",
        ),
    ],
)
def test_what_cannot_be_parted_is_refused(call, kind, expected):
    assert message(kind, call).removeprefix("train_dev_test_split: ") == expected
