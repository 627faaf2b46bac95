"""Memory of compiled functions: how inputs lie in it, constants, gradients, and what is checked."""

import numpy as np
import pytest
from support.twins import assert_equal, leaf, rows

import nn
import optim
from autograd import Tensor
from autograd.compiling import compile


def x():
    return Tensor(rows())


def test_constants_in_answers_are_copies():
    kept = np.ones(3)
    step = compile(lambda x: (np.ones(3), Tensor([1.0]), kept))
    for _ in range(3):
        *made, same = step(x())
        for one in made:
            assert np.all(np.asarray(one) == 1)
            one += 1
        assert same is kept


def test_the_first_call_sums_in_the_order_of_the_layout():
    wide = np.random.default_rng(0).standard_normal((600, 140)).astype(np.float32)
    for view in (wide[::-1], wide[::2, ::2], wide[:, ::-1], wide[50:350, 7:77], wide.T):
        assert_equal(compile(lambda x: x.sum())(Tensor(view)), Tensor(view).sum())


def test_a_gradient_that_is_given_or_forgotten_by_hand():
    def run(way):
        w, v, seen = leaf(1, 3), leaf(1, 3), []

        @way
        def back(x):
            v.grad = None
            ((x * w).sum() + (x * v).sum()).backward()

        gradient = Tensor(np.ones((1, 3), np.float32))
        for given in ("as it is", "as it is", gradient, None, "as it is", None, None):
            if given != "as it is":
                w.grad = None if given is None else Tensor(given.data.copy())
            back(x())
            seen.append([w.grad.data.copy(), v.grad.data.copy()])
        return seen

    assert_equal(run(compile), run(lambda function: function))


def test_a_hook_that_is_removed_is_not_run_any_more():
    w = leaf(1, 3)
    hooks = [w.register_hook(lambda g: g * 2), w.register_hook(lambda g: g * 3)]

    def back(x):
        w.grad = None
        (x * w).sum().backward()

    step = compile(back)
    step(x()), step(x())
    for hook in hooks[::-1]:
        hook.remove()
        step(x())
        ours = w.grad.data.copy()
        back(x())
        assert_equal(ours, w.grad)


def test_a_gradient_of_what_is_frozen_is_looked_at():
    w = leaf(1, 3)
    (w * 3).sum().backward()
    w.requires_grad = False
    step = compile(lambda x: x if w.grad is None else x * w.grad)
    step(x()), step(x())
    w.grad = None
    assert_equal(step(x()), x())


def test_check_compares_what_optimisers_remember_of_large_parameters(monkeypatch):
    model = nn.Linear(700, 300)
    optimizer = optim.Adam(model.parameters())

    def step(x):
        optimizer.zero_grad()
        model(x).sum().backward()
        optimizer.step()

    def spoilt(self, w, g, memory, *rest):
        update(self, w, g, memory, *rest)
        for one in vars(memory).values():
            one += 1

    again, data, update = compile(step), np.ones((2, 700), np.float32), optim.Adam.update
    for _ in range(4):
        again(data)
    assert again.check(data) == 0
    monkeypatch.setattr(optim.Adam, "update", spoilt)
    assert again.check(data) == pytest.approx(1)


def test_the_program_tells_the_constants_that_it_takes_from_outside():
    again = compile(lambda x: (x * 3.0).tanh())
    again(x())
    assert "constant: () float32, 3.0" in again.source()
