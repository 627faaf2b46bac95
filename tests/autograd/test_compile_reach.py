"""Compiled functions follow what they reach: values, modes, weights, seeds. And looking at them."""

import threading

import numpy as np
import pytest
from support.twins import assert_equal, compiled, leaf, rows

import autograd
import nn
from autograd import Tensor, functional, no_grad
from autograd.compiling import compile

# What the function reaches


def test_plain_values_that_are_reached_are_looked_at_in_each_call():
    settings = {"scale": 2.0, "shift": [1.0]}

    def function(x):
        return x * settings["scale"] + settings["shift"][0]

    twin = compiled(function)
    for change in ({}, {}, {"scale": 3.0}, {}, {"shift": [4.0]}, {"scale": 2.0, "shift": [1.0]}):
        settings.update(change)
        assert_equal(twin.compiled(rows()), function(Tensor(rows())))
    assert twin.calls.count == 4  # a new list is something else, though it is equal


def test_the_mode_of_a_model_that_never_was_set_before_counts_as_well():
    model = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5))
    twin = compiled(lambda x: model(x))
    twin.compiled(rows())
    twin.compiled(rows())
    model.eval()
    assert_equal(twin.compiled(rows()), model(rows()))
    assert twin.calls.count == 2


def test_weights_are_read_where_they_lie_and_a_new_tensor_is_another_recording():
    held = {"w": leaf(2, 3)}
    twin = compiled(lambda x: (x * held["w"]).sum())
    for change in (
        lambda w: None,
        lambda w: w.copy_(w.data * 2),
        lambda w: held.update(w=leaf(1, 3)),
    ):
        change(held["w"])
        for _ in range(2):
            x = rows(2)
            assert_equal(twin.compiled(x), (held["w"] * x).sum())
    assert twin.calls.count == 2


def test_whether_gradients_are_recorded_counts():
    weight = leaf(2, 3)
    twin = compiled(lambda: (weight * 2).requires_grad)
    assert twin.compiled() is True
    with no_grad():
        assert twin.compiled() is False
    assert twin.compiled() is True
    assert twin.calls.count == 2


def test_a_gradient_that_somebody_holds_keeps_its_values():
    weight = leaf(2, 3)

    def function(x):
        weight.grad = None
        (weight * x).sum().backward()

    twin = compiled(function)
    held = []
    for i in range(6):
        twin.compiled(rows(2, seed=i))
        if i in (2, 3, 5):
            held.append((i, weight.grad))
    for i, grad in held:
        np.testing.assert_array_equal(grad.data, rows(2, seed=i))


def test_what_is_read_before_a_write_is_what_was_there():
    weight = leaf(2, 3)

    def step(x):
        with no_grad():
            new = weight * x
            before = weight + 1.0
            weight.copy_(new)
        return before, weight + 0.0

    twin = compiled(step)
    for i in range(3):
        had = weight.data.copy()
        before, after = twin.compiled(rows(2, seed=i))
        np.testing.assert_array_equal(before.data, had + 1)
        np.testing.assert_array_equal(after.data, had * rows(2, seed=i))
    assert twin.calls.count == 1


def test_a_gradient_that_is_assigned_is_the_gradient():
    weight = leaf(2, 3)

    def function(x):
        weight.grad = None
        (weight * x).sum().backward()
        weight.grad = weight.grad * 0.5

    twin = compiled(function)
    for i in range(4):
        twin.compiled(rows(2, seed=i))
        np.testing.assert_array_equal(weight.grad.data, rows(2, seed=i) * np.float32(0.5))
    assert twin.calls.count == 2


def test_derivatives_of_any_order_are_recorded():
    hessian = functional.hessian(lambda p: (p.tanh() * p * p).sum())
    twin = compiled(hessian)
    for i in range(3):
        p = Tensor(np.random.default_rng(i).standard_normal(4))
        assert_equal(twin.compiled(p), hessian(p))
    assert twin.calls.count == 1


def test_an_eager_graph_from_before_a_replay_that_wrote_notices_it():
    weight = leaf(2, 3)

    def double():
        with no_grad():
            weight.copy_(weight.data * 2)

    twice = compile(double)
    twice()
    loss = (weight * weight).sum()
    twice()
    with pytest.raises(RuntimeError, match="in place"):
        loss.backward()


# Random numbers


def test_random_numbers_are_drawn_anew_and_follow_a_new_seed():
    dropout = nn.Dropout(0.5)
    twin = compiled(lambda x: dropout(x))
    x = np.ones((4, 5), np.float32)
    for seed in (1, 2, 1):
        autograd.manual_seed(seed)
        ours = [twin.compiled(x) for _ in range(3)]
        autograd.manual_seed(seed)
        assert_equal(ours, [dropout(x) for _ in range(3)])
    assert twin.calls.count == 1


# Checks of values


def test_a_check_that_fails_in_a_replay_says_what_the_function_says_and_leaves_what_it_leaves():
    def make():
        autograd.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2))

        def step(x, y):
            for p in model.parameters():
                p.grad = None
            nn.functional.cross_entropy(model(x), y).backward()

        return model, step

    def run(way):
        model, step = make()
        step, said = way(step), []
        for labels in ([0, 1, 1, 0, 1], [0, 1, 0, 0, 1], [0, 1, 5, 0, 1], [1, 1, 1, 0, 1]):
            try:
                step(rows(), np.array(labels))
            except ValueError as error:
                said.append(str(error))
            said.append(
                [None if p.grad is None else p.grad.data.copy() for p in model.parameters()]
            )
            said.append({name: value.copy() for name, value in model.state_dict().items()})
            said.append(repr(autograd.random.default_generator().bit_generator.state))
        return said

    ours, eager = run(compile), run(lambda step: step)
    assert_equal(ours, eager)
    assert any(isinstance(one, str) and "5" in one for one in eager[6:7])


def test_what_is_written_after_a_check_is_not_written_when_it_fails():
    total = Tensor(np.zeros(3, np.float32), name="total")

    def add(x, labels):
        with no_grad():
            new = total + x.sum(axis=0)
            nn.functional.cross_entropy(x, labels)
            total.copy_(new)

    again = compile(add)
    labels = np.array([0, 1, 2, 0, 1])
    for _ in range(2):
        again(Tensor(rows()), labels)
    before = total.data.copy()
    with pytest.raises(ValueError, match="are not in 0"):
        again(Tensor(rows()), labels + 1)
    np.testing.assert_array_equal(total.data, before)


# Looking at it


def test_the_program_is_plain_numpy_and_its_names_can_be_read():
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))

    def step(x):
        model(x).sum().backward()

    again = compile(step)
    again(rows())
    source = again.source()
    assert "import numpy as np" in source
    assert "autograd" not in source
    assert "np.matmul(x, layer_0_weight_T, out=affine)" in source
    assert "out=layer_0_weight_grad" in source


def test_stats_tell_what_simplifying_has_gained():
    again = compile(lambda x: ((x + 1) * 2 + 3).sum())
    again(Tensor(np.ones((10, 10))))
    facts = again.stats()
    assert facts["calls"] <= facts["calls recorded"]
    assert facts["buffers"] == 2
    assert facts["bytes"] < facts["bytes recorded"] / 2
    assert facts["recordings"] == 1


def test_check_compares_with_eager_and_changes_nothing():
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))

    def step(x):
        for p in model.parameters():
            p.grad = None
        loss = (model(x) ** 2).mean()
        loss.backward()
        return loss

    again = compile(step)
    for _ in range(3):
        again(rows())
    before = {name: value.copy() for name, value in model.state_dict().items()}
    gradients = [p.grad.data.copy() for p in model.parameters()]
    state = repr(autograd.random.default_generator().bit_generator.state)
    assert again.check(rows(seed=4)) == 0
    assert_equal(model.state_dict(), before)
    assert_equal([p.grad for p in model.parameters()], gradients)
    assert repr(autograd.random.default_generator().bit_generator.state) == state


def test_check_sees_what_a_recording_cannot_know():
    scale = np.ones(3)
    again = compile(lambda x: x * np.exp(scale))  # plain NumPy: as it was at the recording
    again(rows())
    assert again.check(rows()) == 0
    scale += 1
    expected = np.abs(rows() * (np.exp(2) - np.exp(1))).max()
    assert again.check(rows()) == pytest.approx(expected, rel=1e-5)


# Threads, and listeners


def test_threads_that_call_one_compiled_function_wait_for_each_other():
    again = compile(lambda x: ((x * 2).exp() + x).sum())
    data = [Tensor(rows(200, seed=i)) for i in range(4)]
    expected = [((x * 2).exp() + x).sum().item() for x in data]
    wrong = []

    def work(i):
        for _ in range(50):
            if again(data[i]).item() != expected[i]:
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []


def test_who_listens_sees_the_function_itself():
    again = compile(lambda x: x.exp().sum())
    x = Tensor(rows())
    again(x)
    again(x)
    with autograd.record() as tape:
        again(x)
    assert [call.op.__name__ for call in tape.calls] == ["Exp", "Sum"]
