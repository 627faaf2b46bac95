"""Large parameters: updated in pieces that threads share, with the same numbers to the last bit."""

import numpy as np
import pytest

import autograd
import optim
from autograd import Tensor, threads
from optim.flat import PIECE

SIZES = [PIECE, PIECE + 1, 2 * PIECE - 1, 5 * PIECE + 3]


def weights_after_three_steps(make, sizes, count, monkeypatch):
    monkeypatch.setattr(threads, "_count", count)
    rng = np.random.default_rng(0)
    parameters = [
        Tensor(rng.standard_normal(n, dtype=np.float32), requires_grad=True) for n in sizes
    ]
    optimizer = make(parameters)
    for _ in range(3):
        for p in parameters:
            p.grad = None
            (p * rng.standard_normal(p.size, dtype=np.float32)).sum().backward()
        optimizer.step()
    return np.concatenate([p.data for p in parameters])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "make",
    [
        lambda p: optim.Adam(p, lr=0.1),
        lambda p: optim.AdamW(p, lr=0.1, amsgrad=True, maximize=True),
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.1),
    ],
    ids=["Adam", "AdamW", "SGD"],
)
def test_any_number_of_threads_gives_the_same_weights(make, size, monkeypatch):
    one = weights_after_three_steps(make, [3, size, 2], 1, monkeypatch)
    for count in (2, 3, 7):
        np.testing.assert_array_equal(
            weights_after_three_steps(make, [3, size, 2], count, monkeypatch), one
        )


def test_pieces_give_what_small_parameters_give(monkeypatch):
    def make(parameters):
        return optim.Adam(parameters, lr=0.1)

    whole = weights_after_three_steps(make, [2 * PIECE], 2, monkeypatch)

    rng = np.random.default_rng(0)
    w = rng.standard_normal(2 * PIECE, dtype=np.float32)
    parts = [Tensor(part.copy(), requires_grad=True) for part in np.split(w, 64)]
    optimizers = [make([part]) for part in parts]  # a buffer for each, too small to be cut
    for _ in range(3):
        g = rng.standard_normal(2 * PIECE, dtype=np.float32)
        for part, slope, optimizer in zip(parts, np.split(g, 64), optimizers, strict=True):
            part.grad = None
            (part * slope).sum().backward()
            optimizer.step()
    np.testing.assert_array_equal(np.concatenate([part.data for part in parts]), whole)


def test_threads_set_later_are_followed(monkeypatch):
    p = Tensor(np.ones(2 * PIECE, np.float32), requires_grad=True)
    optimizer = optim.SGD([p], lr=1.0)
    p.sum().backward()
    used = []
    monkeypatch.setattr(
        "optim.optimizer.share",
        lambda work, shares: used.append(len(shares)) or list(map(work, shares)),
    )
    for count in (1, 2, 1, 3):
        monkeypatch.setattr(threads, "_count", None)
        autograd.set_num_threads(count)
        optimizer.step()
    assert used == [1, 2, 1, 3]
    assert (p.data == -3).all()
