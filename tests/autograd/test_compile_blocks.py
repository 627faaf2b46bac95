"""Large arrays go through in pieces, which threads share: entry by entry it is the same."""

import numpy as np
import pytest
from support.operations import CASES, several
from support.twins import assert_equal, assert_same_training, batches, counted

import autograd
import nn
import optim
from autograd import Tensor
from autograd.compiling import blocks, compile


@pytest.fixture(params=[1, 3], ids=["1 thread", "3 threads"])
def threads(request, monkeypatch):
    monkeypatch.setattr("autograd.compiling.piece_writing.get_num_threads", lambda: request.param)
    return request.param


@pytest.fixture
def small(monkeypatch):
    """Pieces of 4 entries, and arrays are large from 8."""
    monkeypatch.setattr(blocks, "PIECE", 4)
    monkeypatch.setattr(blocks, "LARGE", 8)


@pytest.fixture
def without_sums(monkeypatch):
    """Sums stay whole, so that everything is equal to the last bit."""
    monkeypatch.setattr(blocks, "_is_sum", lambda call: False)


def numbers(*shape, seed=0, dtype=np.float32):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_every_operation_in_pieces(case, small, without_sums):
    def results_and_gradients(*inputs):
        results = [one for one in several(case.apply(*inputs)) if isinstance(one, Tensor)]
        reached = [one for one in results if one.requires_grad]
        leaves = [one for one in inputs if one.requires_grad]
        if not reached:
            return results, []
        weights = [one.data * 0.5 + 1 for one in reached]
        return results, autograd.grad(reached, leaves, weights, allow_unused=True)

    def tensors():
        return [Tensor(a, requires_grad=a.dtype.kind == "f") for a in case.draw(np.float32)]

    compiled = compile(results_and_gradients)
    for _ in range(2):
        assert_equal(compiled(*tensors()), results_and_gradients(*tensors()))


def test_a_training_in_pieces(small, without_sums, threads):
    class Training:
        def __init__(self):
            layers = nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 3)
            self.model = nn.Sequential(*layers)
            self.optimizers = [optim.AdamW(self.model.parameters(), lr=0.01)]

        def step(self, x, y):
            self.optimizers[0].zero_grad()
            loss = nn.functional.cross_entropy(self.model(x), y)
            loss.backward()
            optim.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizers[0].step()
            return loss

    step = assert_same_training(Training, list(batches(6)))
    assert "in starts:" in step.source()


LENGTHS = [(8,), (9,), (11, 3), (5, 2, 2), (2, 4), (13, 1)]


@pytest.mark.parametrize("shape", LENGTHS, ids=str)
def test_all_lengths_with_operands_that_are_not_cut(shape, small, without_sums, threads):
    row = Tensor(numbers(*shape[1:], seed=5))
    column = Tensor(numbers(shape[0], *[1] * (len(shape) - 1), seed=6))

    def function(x, y):
        z = (x * row + column) * 2.0
        positive = z > 0
        return z.exp() - y, positive, (z * z).astype(np.float64) if x.ndim == 9 else z.tanh()

    compiled = compile(function)
    for i in range(3):
        x, y = Tensor(numbers(*shape, seed=i)), numbers(*shape, seed=i + 9)
        assert_equal(compiled(x, y), function(x, y))
    assert "in starts:" in compiled.source()


def test_what_overlaps_otherwise_is_not_put_into_one_block(small, without_sums):
    x = Tensor(numbers(17))

    def shift():
        with autograd.no_grad():
            moved = x[1:] * 0.5 + x[:-1]
            np.copyto(x.data[1:], moved.data)
            np.add(x.data[:-1], 1.0, out=x.data[:-1])
            np.add(x.data[:-1], x.data[1:], out=x.data[1:])

    function, calls = counted(shift)
    compiled = compile(function)
    ours = []
    for step in (compiled, shift):
        x.data = numbers(17)
        for _ in range(3):
            step()
        ours.append(x.data.copy())
    np.testing.assert_array_equal(*ours)
    assert calls.count == 1


def test_a_sum_is_put_together_from_pieces_within_the_bound_of_reordering(threads):
    x = numbers(3, 300_001, seed=2)

    def function(x):
        return (x.exp() * x).sum(), x.tanh()

    compiled = compile(function)
    for i in range(2):
        given = Tensor(x + np.float32(i))
        (total, tanh), (expected, kept) = compiled(given), function(given)
        terms = np.abs(np.exp(given.data) * given.data).sum(dtype=np.float64)
        assert abs(float(total.data) - float(expected.data)) <= 4 * 2**-23 * terms
        assert_equal(tanh, kept)
    assert "sums" in compiled.source()


def test_a_sum_that_is_used_at_once_closes_the_block(small, threads):
    def function(x):
        scaled = x * 2.0
        return scaled / scaled.sum()

    compiled = compile(function)
    for i in range(3):
        x = Tensor(np.abs(numbers(21, seed=i)))
        np.testing.assert_allclose(compiled(x).data, function(x).data, rtol=1e-6)


def test_what_only_a_block_needs_takes_memory_for_pieces_alone():
    def function(x):
        x.grad = None
        ((x.tanh() * x).exp() + x).sum().backward()

    compiled = compile(function)
    x = Tensor(numbers(2_000_000), requires_grad=True)
    compiled(x)
    facts = compiled.stats()
    assert facts["bytes"] <= 2 * x.data.nbytes + 1000  # the gradient, and its copy for the answer
    assert facts["bytes recorded"] > 10 * x.data.nbytes


@pytest.mark.parametrize(
    ("results", "buffers"),
    [
        (lambda h: [h + 1.0], 1),
        (lambda h: [(h * 2.0).exp() - h], 1),  # h is read last where the result is made
        (lambda h: [h + 1.0, h * 2.0], 2),  # the second may; the first would change it
        (lambda h: [h.exp() * 2.0, h.tanh() - h], 2),
        (lambda h: [h > 0], 2),  # of another dtype
        (lambda h: [numbers(1, 16) + h], 1),
        (lambda h: [numbers(9, 16) * h.exp()], 1),
        (lambda h: [h + h[:, ::-1]], 2),  # h is read at other entries, too
        (lambda h: [h + 1.0, h], 2),  # h itself is answered
    ],
)
def test_a_result_takes_the_memory_of_what_is_read_no_more(results, buffers, small, threads):
    def function(x):
        return results(x @ w)

    w = Tensor(numbers(16, 16))
    compiled = compile(function)
    for i in range(2):
        x = Tensor(numbers(9, 16, seed=i))
        assert_equal(compiled(x), function(x))
    assert compiled.stats()["buffers"] == buffers


@pytest.mark.parametrize("shape", [(8,), (9,), (11, 2), (8, 3)], ids=str)
def test_a_number_is_compared_with_pieces_of_any_length(shape, small, threads):
    def function(x):
        return np.maximum(x, 0.25), np.minimum(x, -0.5), np.maximum(x[:1], 0.25)

    compiled = compile(function)
    for i in range(2):
        x = Tensor(numbers(*shape, seed=i))
        assert_equal(compiled(x), function(x))
    assert compiled.source().count("np.full(") == 3
