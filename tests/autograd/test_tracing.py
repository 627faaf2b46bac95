"""Static graphs: recorded once, replayed forward and backward; what they refuse, and why."""

import subprocess
import sys

import numpy as np
import pytest
from support.checks import message
from support.operations import CASES, several

import autograd
import nn
import optim
from autograd import Tensor, TracingError, functional, no_grad, trace

LABELS = np.array([0, 1, 1, 0, 1])


def tensors(arrays):
    return [Tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]


def other(arrays):
    """Other values of the same kind: the entries in reverse order, positive ones stay so."""
    return [np.flip(a).copy() if a.dtype.kind == "f" else a for a in arrays]


def rows(n=5, seed=0):
    return np.random.default_rng(seed).standard_normal((n, 3)).astype(np.float32)


def classifier(*between):
    autograd.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), *between, nn.Linear(4, 2))


# Every operation


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("case", CASES, ids=repr)
def test_a_replay_is_what_the_operation_gives_forward_and_backward(case, dtype):
    graph = trace(lambda *inputs: case.apply(*inputs), *tensors(case.draw(dtype)))
    ours, eager = tensors(other(case.draw(dtype))), tensors(other(case.draw(dtype)))
    results, expected = several(graph(*ours)), case.apply(*eager)
    for one, wanted in zip(results, expected, strict=True):
        assert one.dtype == wanted.dtype
        np.testing.assert_array_equal(one.data, wanted.data)
    rng = np.random.default_rng(1)
    reached = [one for one in expected if one.requires_grad]
    upstream = [rng.standard_normal(one.shape).astype(one.dtype) for one in reached]
    if reached:
        graph.backward(*upstream)
        leaves = [one for one in eager if one.requires_grad]
        gradients = iter(autograd.grad(reached, leaves, upstream, allow_unused=True))
        for one in ours:
            wanted = next(gradients) if one.requires_grad else None
            assert (one.grad is None) == (wanted is None)
            if wanted is not None:
                assert one.grad.dtype == wanted.dtype
                np.testing.assert_array_equal(one.grad.data, wanted.data)


def test_derivatives_taken_within_the_function_are_recorded_too():
    hessian = functional.hessian(lambda x: (x.tanh() * x).sum())
    graph = trace(hessian, Tensor(np.zeros(3)))
    x = np.array([0.3, -1.0, 2.0])
    np.testing.assert_array_equal(graph(Tensor(x)).data, hessian(x).data)


def test_a_derivative_may_be_differentiated_by_what_the_function_refers_to():
    weight = Tensor(np.array([0.5, -1.0, 2.0]), requires_grad=True)

    def steepness(x):
        (slope,) = autograd.grad((weight * x).tanh().sum(), [x], create_graph=True)
        return (slope * slope).sum()

    x = Tensor(np.array([0.3, -1.0, 2.0]), requires_grad=True)
    graph = trace(steepness, x)
    graph(x)
    graph.backward()
    (expected,) = autograd.grad(steepness(x), [weight])
    np.testing.assert_array_equal(weight.grad.data, expected.data)


# A network


def test_training_with_a_static_graph_is_training():
    x, ours, eager = rows(), classifier(nn.Tanh()), classifier(nn.Tanh())

    def loss_of(x, labels):
        return nn.functional.cross_entropy(ours(x), labels)

    graph = trace(loss_of, x, LABELS)
    optimizers = [optim.Adam(model.parameters(), lr=0.1) for model in (ours, eager)]  # moves data
    for step in range(5):
        x = rows(seed=step)
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss = graph(x, LABELS)
        graph.backward()
        expected = nn.functional.cross_entropy(eager(Tensor(x)), LABELS)
        expected.backward()
        assert loss.item() == expected.item()
        for optimizer in optimizers:
            optimizer.step()
    for a, b in zip(ours.parameters(), eager.parameters(), strict=True):
        np.testing.assert_array_equal(a.data, b.data)


def test_dropout_draws_anew_at_each_replay_from_the_same_generator():
    model, x = classifier(nn.Dropout(0.5)), rows()
    graph = trace(model, x)
    autograd.manual_seed(1)
    replays = [graph(x).data for _ in range(2)]
    autograd.manual_seed(1)
    for replay in replays:
        np.testing.assert_array_equal(replay, model(Tensor(x)).data)
    assert not np.array_equal(*replays)


def test_recording_draws_as_one_call_would():
    model, x = classifier(nn.Dropout(0.5)), rows()
    autograd.manual_seed(1)
    model(Tensor(x))
    expected = autograd.random.draw("random", (3,))
    autograd.manual_seed(1)
    trace(model, x)
    np.testing.assert_array_equal(autograd.random.draw("random", (3,)), expected)


# What a graph reads, and what it leaves alone


def test_what_the_function_refers_to_is_read_anew():
    w, mask = Tensor([1.0, 2.0], requires_grad=True), np.array([1, 0], np.float32)
    graph = trace(lambda x: (x * w).sum() + (w * w).sum() + (x * mask).sum(), Tensor([1.0, 1.0]))
    w.data = [3, 4]
    mask[:] = 10
    assert graph(Tensor([1.0, 1.0])).item() == 3 + 4 + 9 + 16 + 20


def test_data_that_moves_and_seeds_that_change_are_followed_between_replays():
    model, x = classifier(nn.Dropout(0.5)), rows()
    graph = trace(lambda x: model(x).sum(), x)
    graph(x)
    optimizer = optim.SGD(model.parameters(), lr=0.1)  # moves the parameters into one buffer
    graph.backward()
    optimizer.step()
    autograd.manual_seed(7)  # another generator
    found = graph(x).item()
    autograd.manual_seed(7)
    assert found == model(Tensor(x)).sum().item()


def test_results_are_copies():
    graph = trace(lambda x: x * 2, Tensor([1.0]))
    first = graph(Tensor([1.0]))
    graph(Tensor([5.0]))
    assert first.data.tolist() == [2]


def test_inputs_are_copied_so_that_backward_may_come_later():
    x = Tensor([1.0, 2.0], requires_grad=True)
    graph = trace(lambda x: (x * x).sum(), x)
    graph(x)
    x.data = [7, 7]
    graph.backward()
    assert x.grad.data.tolist() == [2, 4]


def test_replays_go_into_the_same_memory():
    graph = trace(lambda x: (x @ x.T).tanh().sum(), Tensor(np.ones((200, 200)), requires_grad=True))
    x = Tensor(np.ones((200, 200)), requires_grad=True)

    def peak():
        import tracemalloc

        tracemalloc.start()
        graph(x)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    graph(x)
    assert peak() < x.data.nbytes / 4


def test_recording_leaves_no_trace():
    model, x = classifier(nn.ReLU()), rows()
    before = model.state_dict()
    trace(lambda x: model(x).sum(), x)
    for name, parameter in model.named_parameters():
        assert type(parameter.data) is np.ndarray
        assert parameter.grad is None
        np.testing.assert_array_equal(parameter.data, before[name])


def test_it_may_be_recorded_and_replayed_within_no_grad():
    x = Tensor([3.0], requires_grad=True)
    with no_grad():
        graph = trace(lambda x: (x * x).sum(), x)
        graph(x)
    graph.backward()
    assert x.grad.data.tolist() == [6]


def test_backward_adds_to_gradients_and_takes_an_upstream_gradient():
    x = Tensor([3.0, 4.0], requires_grad=True)
    graph = trace(lambda x: x * x, x)
    graph(x)
    graph.backward([1.0, 10.0])
    graph.backward([1.0, 0.0])
    assert x.grad.data.tolist() == [12, 80]


def test_containers_and_constants_keep_their_form():
    def both(batch, scale):
        return {"sum": batch["a"] + batch["b"][0], "scaled": (batch["a"] * scale,)}

    graph = trace(both, {"a": Tensor([1.0]), "b": [Tensor([2.0])]}, 3)
    answer = graph({"a": Tensor([5.0]), "b": [Tensor([1.0])]}, 3)
    assert answer["sum"].item() == 6
    assert answer["scaled"][0].item() == 15


# The source

SOURCE = '''\
"""squares, as plain NumPy calls: recorded once, for these shapes and dtypes."""

import numpy as np


def program(w):
    """Answers forward(x (2,) float32) and backward.

    w: (2,) float32
    """
    x = np.empty((2,), np.float32)
    d_sum = np.empty((), np.float32)
    multiply = np.empty((2,), np.float32)
    square = np.empty((2,), np.float32)
    sum = np.empty((), np.float32)
    d_square = np.broadcast_to(d_sum, (2,))
    t = np.empty((2,), np.float32)
    d_multiply = np.empty((2,), np.float32)
    d_w = np.empty((2,), np.float32)

    def forward(new_x):
        x[...] = new_x
        # Multiply
        np.multiply(x, w, out=multiply)
        # Square
        np.square(multiply, out=square)
        # Sum
        np.sum(square, axis=(-1,), keepdims=False, out=sum)
        return (sum,)

    def backward(new_d_sum):
        d_sum[...] = new_d_sum
        # back through Square
        np.multiply(2, multiply, out=t)
        np.multiply(d_square, t, out=d_multiply)
        # back through Multiply
        np.multiply(d_multiply, x, out=d_w)
        return (d_w,)

    return forward, backward
'''


def test_the_source_is_a_readable_numpy_program():
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")

    def squares(x):
        return ((x * w) ** 2).sum()

    assert trace(squares, Tensor([1.0, 1.0])).source() == SOURCE


def test_the_source_runs_without_this_library(tmp_path):
    model, x = classifier(nn.ReLU()), rows()
    graph = trace(lambda x, y: nn.functional.cross_entropy(model(x), y), x, LABELS)
    loss = graph(x, LABELS)
    graph.backward()
    state = {f"layer_{name.replace('.', '_')}": v for name, v in model.state_dict().items()}
    np.savez(tmp_path / "arrays.npz", x=x, labels=LABELS, **state)
    program = f"""
import sys
{graph.source()}
arrays = dict(np.load({str(tmp_path / "arrays.npz")!r}))
x, labels = arrays.pop("x"), arrays.pop("labels")
forward, backward = program(**arrays)
print(*(float(one) for one in forward(x, labels)), *(float(g.sum()) for g in backward(1)))
assert "autograd" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    printed = [float(number) for number in done.stdout.split()]
    assert printed[0] == loss.item()
    gradients = sorted(float(p.grad.data.sum()) for p in model.parameters())
    assert sorted(printed[1:]) == pytest.approx(gradients)


def test_values_are_called_as_the_variables_that_held_them():
    def loss_of(x):
        hidden = x.tanh()
        for _ in range(2):
            hidden = hidden * 2
        cost = hidden.sum()
        return cost * 2

    source = trace(loss_of, Tensor([1.0], requires_grad=True)).source()
    assert "np.tanh(x, out=hidden)" in source
    assert "np.multiply(hidden, 2, out=hidden_2)" in source
    assert "np.multiply(hidden_2, 2, out=hidden_3)" in source
    assert "np.multiply(cost, 2, " in source
    assert "out=d_hidden_2)" in source


def test_names_in_the_source_never_clash():
    def f(x, new_x, np, forward):
        return x + new_x * np - forward

    ones = [Tensor([1.0], requires_grad=True) for _ in range(4)]
    graph = trace(f, *ones)
    given = [Tensor([v], requires_grad=True) for v in (2.0, 3.0, 5.0, 7.0)]
    assert graph(*given).item() == 2 + 15 - 7
    graph.backward()
    assert [one.grad.item() for one in given] == [1, 5, 3, -1]
    assert [one.item() for one in given] == [2, 3, 5, 7]


# What is refused


def branch(x):
    return x * 2 if x.sum() > 0 else x


def number(x):
    return x * x.sum().item()


def loop(x):
    for _ in range(int(x.sum())):
        x = x * 2
    return x


def array(x):
    return x * np.asarray(x)


def chosen(x):
    return x[x > 0].sum()


REFUSED = [
    (branch, "a branch on values (if, while, and, or, not) would be recorded one way only"),
    (number, "a value becomes a plain number or array, which would stay as it is now"),
    (loop, "a value becomes a plain number or array, which would stay as it is now"),
    (array, "a value becomes a plain number or array, which would stay as it is now"),
    (chosen, "choosing entries by a mask answers in a shape that depends on values"),
]


@pytest.mark.parametrize(("function", "reason"), REFUSED)
def test_what_depends_on_values_is_refused_with_the_line_and_the_fix(function, reason):
    said = message(TracingError, lambda: trace(function, Tensor([1.0, 1.0])))
    first, at, fix = said.splitlines()
    assert first == f"This cannot be recorded: {reason}."
    assert at.startswith("  at   test_tracing.py:")
    assert f", in {function.__name__}: " in at
    assert fix.startswith("  fix  ")


class Counter:
    def __init__(self):
        self.count = 0.0

    def __call__(self, x):
        self.count += 1
        return x * self.count


def test_a_function_that_answers_differently_is_refused():
    assert message(TracingError, lambda: trace(Counter(), Tensor([1.0]))) == (
        "trace: Counter was called twice and answered differently, so a recording would not stand "
        "for it. Likely it draws random numbers by itself (draw them through nn.Dropout or "
        "autograd.random.draw), or changes something that it reads."
    )


def test_a_result_from_outside_is_refused():
    w = Tensor([1.0], requires_grad=True)
    early = w.exp()
    assert message(TracingError, lambda: trace(lambda x: x * early, Tensor([1.0]))) == (
        "trace: the function uses a result that was computed before, of Exp with shape (1,); its "
        "history is not recorded. Compute it within the function, pass it as an argument, or use "
        "its values alone: t.detach()."
    )


def test_writing_into_what_belongs_to_the_caller_is_refused():
    w = Tensor([1.0], name="w")
    log = np.zeros(1, np.float32)

    def changes_w(x):
        w.copy_(x)
        return x * w

    def writes_a_log(x):
        log[...] = x
        return x * 2

    assert message(TracingError, lambda: trace(changes_w, Tensor([1.0]))).startswith(
        "This cannot be recorded: w is changed in place, and it belongs to the caller."
    )
    with pytest.raises(TracingError, match="a value becomes a plain number or array"):
        trace(writes_a_log, Tensor([1.0]))


# Calls that do not fit


def square_graph(x=None):
    x = Tensor([1.0, 2.0], requires_grad=True) if x is None else x
    return trace(lambda x, power: (x**power).sum(), x, 2)


CALLS = [
    (
        lambda: square_graph()(Tensor([1.0], requires_grad=True), 2),
        ValueError,
        "The static graph of <lambda> was recorded for x: (2,) float32, and this is (1,) float32. "
        "Its calls and memory are laid out for that shape and dtype; record another one: "
        "autograd.trace(fn, x).",
    ),
    (
        lambda: square_graph()(Tensor(np.ones(2), requires_grad=True), 2),
        ValueError,
        "The static graph of <lambda> was recorded for x: (2,) float32, and this is (2,) float64. "
        "Its calls and memory are laid out for that shape and dtype; record another one: "
        "autograd.trace(fn, x).",
    ),
    (
        lambda: square_graph()(Tensor([1.0, 2.0]), 2),
        ValueError,
        "The static graph of <lambda> was recorded for x that did require a gradient, and this one "
        "does not. Give what it was recorded with, or record another one.",
    ),
    (
        lambda: square_graph()(Tensor([1.0, 2.0], requires_grad=True) * 1, 2),
        ValueError,
        "The static graph of <lambda> ends at its inputs, and x is a result of Multiply, whose "
        "history would get no gradient. Record the whole computation, or give the values alone: "
        "t.detach().",
    ),
    (
        lambda: square_graph()(Tensor([1.0, 2.0], requires_grad=True), 3),
        ValueError,
        "The static graph of <lambda> was recorded with power=2, which is a constant in it, and "
        "was given 3. Record another one for that value.",
    ),
    (
        lambda: square_graph()(Tensor([1.0, 2.0], requires_grad=True)),
        TypeError,
        "The static graph of <lambda> takes 2 arguments; it was given 1.",
    ),
    (
        lambda: trace(lambda xs: xs[0], [Tensor([1.0])])(Tensor([1.0])),
        TypeError,
        "The static graph of <lambda> takes arguments of the form it was recorded with: a list of "
        "length 1 meets a Tensor.",
    ),
    (
        lambda: square_graph().backward(),
        RuntimeError,
        "The static graph of <lambda> has no values yet to go back through. Run it forward first: "
        "graph(x), then graph.backward().",
    ),
    (
        lambda: trace(lambda x: x * 2, Tensor([1.0])).backward(),
        RuntimeError,
        "The static graph of <lambda> has no backward pass: nothing in it required a gradient. Set "
        "requires_grad=True on an input or parameter before recording.",
    ),
    (
        lambda: trace([1.0], Tensor([1.0])),
        TypeError,
        "trace records a function or a model, and this is list. Give the function itself and "
        "then its arguments: trace(f, x), not trace(f(x)).",
    ),
    (
        lambda: trace(lambda x, power: x**power, Tensor([1.0]), power=2),
        TypeError,
        "trace hands arguments on by position; power was given by name. Put it in its place, or "
        "into the function: trace(lambda x: f(x, axis=0), x).",
    ),
    (
        lambda: trace(lambda x: 3.0, Tensor([1.0])),
        TypeError,
        "trace: <lambda> answered float, and only Tensors can be replayed. Return Tensors, also in "
        "lists, tuples or dicts.",
    ),
]


@pytest.mark.parametrize(("call", "kind", "said"), CALLS)
def test_a_call_that_does_not_fit_says_how(call, kind, said):
    assert message(kind, call) == said


def test_upstream_gradients_that_do_not_fit_are_refused():
    x = Tensor([1.0, 2.0], requires_grad=True)
    graph = trace(lambda x: x * x, x)
    graph(x)
    for gradients, given in (((), "none"), (([1.0],), "(1,)"), ((1.0, 2.0), "(), ()")):
        assert message(ValueError, lambda g=gradients: graph.backward(*g)) == (
            "The static graph of <lambda>: backward takes one upstream gradient for each result "
            f"that requires one, of shape (2,), and was given {given}. They may be left out where "
            "every result is a single number."
        )


def test_a_parameter_changed_between_forward_and_backward_is_noticed():
    model = nn.Linear(2, 1)
    graph = trace(lambda x: model(x).sum(), Tensor([[1.0, 2.0]]))
    graph(Tensor([[1.0, 2.0]]))
    model.weight.data = [[0, 0]]
    assert message(RuntimeError, graph.backward) == (
        "The static graph of <lambda>: weight was changed in place since the forward pass, so the "
        "gradient would be wrong. Likely an optimizer step between graph(x) and graph.backward(): "
        "call backward first, or run forward again."
    )


def test_labels_are_checked_at_each_replay_in_full_words():
    model, x = classifier(nn.ReLU()), rows()
    graph = trace(lambda x, y: nn.functional.cross_entropy(model(x), y), x, LABELS)
    said = message(ValueError, lambda: graph(x, LABELS + 1))
    assert "3 of 5 labels are not in 0 … 1" in said
    assert graph(x, LABELS).shape == ()


def test_of_a_matrix_it_is_the_sum_over_the_diagonal():
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    total = trace(x, offset=1)
    total.backward()
    assert total.item() == 1 + 5
    assert x.grad.data.tolist() == [[0, 1, 0], [0, 0, 1]]


def test_a_graph_says_what_it_takes():
    assert repr(square_graph()) == "<static graph of <lambda>(x: (2,) float32, power=2)>"
