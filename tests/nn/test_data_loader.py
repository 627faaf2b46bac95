"""Batches of examples: order, views, transforms, prefetching, resuming."""

import threading
import time
import traceback
from itertools import combinations

import numpy as np
import pytest
from support.checks import message

import autograd
from autograd import Tensor
from nn.data import AddNoise, DataLoader


def batches(n=10, **settings):
    return [b.tolist() for b in DataLoader(np.arange(n), **({"batch_size": 4} | settings))]


def together(batches):
    return [one for batch in batches for one in batch]


def test_without_shuffling_the_batches_come_in_order_as_views():
    x = np.arange(20).reshape(10, 2)
    pieces = list(DataLoader(x, batch_size=4))
    assert [len(piece) for piece in pieces] == [4, 4, 2]
    assert np.array_equal(np.concatenate(pieces), x)
    assert all(piece.base is x.base for piece in pieces)


def test_shuffled_batches_go_once_through_the_examples_and_keep_them_together():
    x, y = np.arange(20).reshape(10, 2) * 10, np.arange(10)
    pieces = list(DataLoader(x, y, batch_size=4, shuffle=True, generator=0))
    assert [len(a) for a, _ in pieces] == [4, 4, 2]
    assert all(np.array_equal(a[:, 0], 20 * b) for a, b in pieces)
    order = np.concatenate([b for _, b in pieces])
    assert np.array_equal(np.sort(order), y)
    assert not np.array_equal(order, y)


def test_every_epoch_is_shuffled_anew_and_follows_the_seed():
    loader, same = (
        DataLoader(np.arange(20), batch_size=20, shuffle=True, generator=0) for _ in "ab"
    )
    epochs = [next(iter(loader)).tolist() for _ in range(3)]
    assert all(one != other for one, other in combinations(epochs, 2))
    assert [next(iter(same)).tolist() for _ in range(3)] == epochs
    assert batches(20, batch_size=20, shuffle=True, generator=np.random.default_rng(0)) == [
        epochs[0]
    ]


@pytest.mark.parametrize(
    ("n", "size", "drop_last", "sizes"),
    [(10, 4, False, [4, 4, 2]), (10, 4, True, [4, 4]), (8, 4, True, [4, 4]), (3, 9, False, [3])],
)
def test_the_last_batch_is_smaller_or_dropped(n, size, drop_last, sizes):
    loader = DataLoader(np.arange(n), batch_size=size, drop_last=drop_last)
    assert [len(batch) for batch in loader] == sizes
    assert len(loader) == len(sizes)


def test_a_tuple_of_arrays_is_one_data_set_and_gives_tuples():
    x, y = np.arange(3), np.arange(3)
    assert [type(one) for one in DataLoader((x, y), batch_size=3)] == [tuple]
    ((only,),) = DataLoader((x,), batch_size=3)
    assert np.array_equal(only, x)


@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_of_tensors_are_tensors(shuffle):
    (piece,) = DataLoader(Tensor([1.0, 2.0]), batch_size=5, shuffle=shuffle)
    assert isinstance(piece, Tensor)
    assert sorted(piece.data) == [1, 2]


# Transforms


def noisy(prefetch=0, generator=0):
    x = np.zeros((40, 3), np.float32)
    return DataLoader(
        x,
        np.arange(40),
        batch_size=8,
        shuffle=True,
        generator=generator,
        transform=AddNoise(1.0),
        prefetch=prefetch,
    )


def epochs(loader, n=2):
    return [(x.tolist(), y.tolist()) for _ in range(n) for x, y in loader]


def test_a_transform_gets_the_first_array_of_each_batch_and_a_generator():
    seen = []

    def transform(x, generator):
        seen.append(generator)
        return x + 100

    loader = DataLoader(np.arange(4), np.arange(4), batch_size=2, transform=transform)
    assert [(x.tolist(), y.tolist()) for x, y in loader] == [
        ([100, 101], [0, 1]),
        ([102, 103], [2, 3]),
    ]
    assert seen[0] is seen[1]  # of the epoch
    assert isinstance(seen[0], np.random.Generator)


def test_augmented_epochs_differ_and_follow_the_seed():
    first = epochs(noisy())
    assert epochs(noisy()) == first
    assert epochs(noisy(generator=1)) != first
    assert first[:5] != first[5:]


@pytest.mark.parametrize("prefetch", [1, 2, 100])
def test_prefetching_changes_neither_order_nor_random_numbers(prefetch, monkeypatch):
    monkeypatch.setattr(autograd.random, "_generator", None)
    results = []
    for ahead in (0, prefetch):
        autograd.manual_seed(0)
        drawn = []
        for x, y in noisy(ahead, generator=None):
            # The project's generator is used meanwhile, as by dropout.
            drawn.append((x.tolist(), y.tolist(), autograd.random.draw("random", (2,)).tolist()))
        results.append(drawn)
    assert results[0] == results[1]


# Prefetching


def slow(x, generator):
    time.sleep(0.01)
    return x


def prefetched(transform=slow, prefetch=2, n=10):
    return DataLoader(np.arange(n), batch_size=1, transform=transform, prefetch=prefetch)


def threads():
    return [one for one in threading.enumerate() if one.name == "prefetch"]


def test_batches_are_made_while_others_are_used():
    made = []

    def transform(x, generator):
        made.append(int(x[0]))
        return x

    iterator = iter(prefetched(transform))
    next(iterator)
    deadline = time.monotonic() + 5
    while len(made) < 3 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert made == [0, 1, 2]  # the one that is used, and two ahead
    time.sleep(0.02)
    assert made == [0, 1, 2]
    iterator.close()


@pytest.mark.parametrize("end", ["exhausted", "closed", "forgotten", "never begun"])
def test_no_thread_is_left(end):
    iterator = iter(prefetched())
    if end == "exhausted":
        assert len(list(iterator)) == 10
    elif end == "closed":
        next(iterator)
        assert len(threads()) == 1
        iterator.close()
    elif end == "forgotten":
        next(iterator)
    del iterator
    assert threads() == []


def test_an_error_comes_after_what_was_made_before_with_the_line_that_raised_it():
    def fails_at_three(x, generator):
        if x[0] == 3:
            raise ZeroDivisionError("in the transform")
        return x

    batches = iter(prefetched(fails_at_three, prefetch=5))
    assert [int(next(batches)[0]) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError, match="in the transform") as caught:
        next(batches)
    assert "fails_at_three" in {frame.name for frame in traceback.extract_tb(caught.tb)}
    assert threads() == []


def test_the_thread_has_the_settings_of_who_asks():
    seen = []
    with autograd.no_grad():
        list(prefetched(lambda x, _: seen.append(autograd.is_grad_enabled()), n=2))
    assert seen == [False, False]


# Resuming


@pytest.mark.parametrize("prefetch", [0, 2])
def test_a_loader_resumes_to_the_bit(prefetch):
    loader = noisy(prefetch)
    epochs(loader)
    state = loader.state_dict()
    following = epochs(loader)
    other = noisy(prefetch, generator=77)
    epochs(other, n=1)
    other.load_state_dict(state)
    assert epochs(other) == following


def test_without_a_generator_the_state_is_that_of_the_projects(monkeypatch):
    monkeypatch.setattr(autograd.random, "_generator", None)
    autograd.manual_seed(3)
    state = noisy(generator=None).state_dict()
    first = epochs(noisy(generator=None))
    loader = noisy(generator=None)
    loader.load_state_dict(state)
    assert epochs(loader) == first


# Errors

X = np.ones(3)
ERRORS = [
    (lambda: DataLoader(X, np.ones(2), batch_size=2), ValueError, "unequal numbers .*: 3, 2"),
    (lambda: DataLoader(batch_size=2), ValueError, "at least one array"),
    (lambda: DataLoader((), batch_size=2), ValueError, "at least one array"),
    (lambda: DataLoader(np.ones((0, 2)), batch_size=2), ValueError, r"no examples.*\(0, 2\)"),
    (lambda: DataLoader(X, batch_size=0), ValueError, "batch_size .* positive whole number, not 0"),
    (lambda: DataLoader(X, batch_size=2.0), TypeError, r"batch_size .* not 2\.0 \(float\)"),
    (lambda: DataLoader(X, batch_size=2, prefetch=-1), ValueError, "prefetch .* not -1"),
    (lambda: DataLoader(X, 3, batch_size=2), TypeError, "argument 1 is no array .* type int"),
    (lambda: DataLoader([1, 2], batch_size=2), TypeError, "argument 0 is no array .* type int"),
    (
        lambda: DataLoader(X, batch_size=5, drop_last=True),
        ValueError,
        "with drop_last, 3 examples make no batch of 5",
    ),
    (lambda: DataLoader(X, batch_size=1).load_state_dict({}), ValueError, "of a PCG64.*not None"),
    (
        lambda: DataLoader(X, batch_size=1).load_state_dict(
            {"generator": np.random.MT19937(0).state}
        ),
        ValueError,
        "of a PCG64.*MT19937",
    ),
]


@pytest.mark.parametrize(("call", "kind", "expected"), ERRORS)
def test_what_makes_no_batches_is_refused_at_once(call, kind, expected):
    with pytest.raises(kind, match=expected) as caught:
        call()
    assert str(caught.value).startswith("DataLoader: ")


def test_a_wrong_batch_size_is_answered_in_full():
    assert message(ValueError, lambda: DataLoader(X, batch_size=0)) == (
        "DataLoader: batch_size is a positive whole number, not 0."
    )
