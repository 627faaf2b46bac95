"""`checkpoint`: the same gradients to the last bit, from fewer values kept."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from functools import partial

import numpy as np
import pytest
from support.checks import message, operations_of_a_test
from support.replay import ExpAndSquare, Witness, leaf

import autograd
import nn
from autograd import (
    Function,
    Tensor,
    checkpoint,
    enable_grad,
    functional,
    grad,
    manual_seed,
    no_grad,
)
from autograd.grad_mode import current_mode
from autograd.random import take, taking
from autograd.trees import leaves
from autograd.watching import watch

NORMAL = np.random.default_rng(0).standard_normal
W, B = leaf(NORMAL((3, 3)), name="W"), leaf(NORMAL(3), name="b")
X = NORMAL((4, 3))


def plain(fn, *inputs, **settings):
    return fn(*inputs, **settings)


with operations_of_a_test():

    class SquaredDifference(Function):
        """Keeps a list of arrays."""

        inputs = ("*arrays",)

        def forward(*arrays):
            return (arrays[0] - arrays[1]) ** 2

        gradients = {
            "arrays": lambda g, arrays: [
                2 * g * (arrays[0] - arrays[1]),
                2 * g * (arrays[1] - arrays[0]),
            ]
        }


# The same gradients


def layer(x):
    return (x @ W + B).tanh()


def two_results(x):
    e, s = ExpAndSquare.apply(x @ W)
    return {"sum": (e * 0.1 + s).sum(), "rows": [s.sum(axis=1), B]}


def with_dropout(x):
    return nn.functional.dropout(layer(nn.functional.dropout(x, 0.3)), 0.5)


def with_settings(x, shift, power=1):
    return [(x["a"] * shift) ** power, x["b"]]


def with_a_penalty(x):
    y = layer(x).sum()
    slope = grad(y, x, create_graph=True)
    return y + (slope * slope).sum()


def with_a_pass_of_its_own(x):
    inner = x.detach().requires_grad_()
    step = grad((layer(inner) ** 2).sum(), inner)
    return layer(x - 0.1 * step)


def with_a_hook(x):
    y = layer(x)
    y.register_hook(lambda g: g * 3)
    return y * y


def with_a_mask_written_in_place(x):
    mask = Tensor(np.ones((4, 3)))
    mask[:, 0] = 0.5
    return layer(SquaredDifference.apply(x * mask, mask))


CALLS = {
    "layer": lambda call, x: call(layer, x),
    "layers one after the other": lambda call, x: call(layer, call(layer, layer(x))),
    "several results": lambda call, x: call(two_results, x),
    "no argument": lambda call, x: call(lambda: layer(x)),
    "any objects": lambda call, x: call(with_settings, {"a": x, "b": W}, 2, power=3),
    "results and constants": lambda call, x: call(lambda x: (x, x.detach(), x > 0, x * x), x),
    "concatenation": lambda call, x: call(lambda *xs: autograd.concatenate(xs) ** 2, x, W, x),
    "dropout": lambda call, x: call(with_dropout, x),
    "dropout around it": lambda call, x: with_dropout(call(with_dropout, with_dropout(x))),
    "checkpoint within": lambda call, x: call(lambda x: layer(call(with_dropout, x)), x),
    "gradient within": lambda call, x: call(with_a_penalty, x),
    "pass of its own within": lambda call, x: call(with_a_pass_of_its_own, x),
    "hook within": lambda call, x: call(with_a_hook, x),
    "written in place within": lambda call, x: call(with_a_mask_written_in_place, x),
}


def derivatives(use, call):
    """All first and second derivatives of the results, and `.grad` after two backward passes."""
    manual_seed(0)
    x = leaf(X)
    results = [one for one in leaves(use(call, x)) if one.requires_grad]
    manual_seed(1)
    inputs = (x, W, B)
    total = sum(((y * y).sum() for y in results), Tensor(0.0))
    first = grad(total, inputs, create_graph=True, materialize_grads=True)
    slopes = sum(((g * g).sum() for g in first), Tensor(0.0))
    second = grad(slopes, inputs, materialize_grads=True, retain_graph=True)
    total.backward(retain_graph=True)
    total.backward()
    collected = [one.grad for one in inputs if one.grad is not None]
    for one in inputs:
        one.grad = None
    return [g.data for g in (*results, *first, *second, *collected)]


@pytest.mark.parametrize("use", CALLS.values(), ids=CALLS)
def test_derivatives_are_those_without_it_bit_for_bit(use):
    expected, found = derivatives(use, plain), derivatives(use, checkpoint)
    assert len(expected) == len(found)
    assert any(g.any() for g in expected)
    for one, other in zip(expected, found, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def squares(call, x):
    return (call(layer, x[None]) ** 2).sum()


def size_of_a_gradient(call, x):
    slope = functional.grad(lambda x: layer(x[None]).sum())
    return (call(slope, x) ** 2).sum()


@pytest.mark.parametrize("loss", [squares, size_of_a_gradient])
@pytest.mark.parametrize("transform", ["grad", "jacobian", "hessian"])
def test_transforms_of_it(loss, transform):
    derivative = getattr(functional, transform)
    expected = derivative(partial(loss, plain))(X[0])
    found = derivative(partial(loss, checkpoint))(X[0])
    np.testing.assert_array_equal(found.data, expected.data)


def test_gradients_of_values_inside():
    inside = []
    x = leaf(X)

    def fn(x):
        inside.append(x.exp())
        return inside[-1] * x

    y = checkpoint(fn, x)
    hidden = inside[0]
    seen = []
    hidden.register_hook(lambda g: seen.append(g.data.copy()))
    hidden.retain_grad()
    np.testing.assert_array_equal(grad(y.sum(), hidden, retain_graph=True).data, X)
    y.sum().backward()
    np.testing.assert_array_equal(seen, [X, X])
    np.testing.assert_array_equal(hidden.grad.data, X)


def test_local_gradients_are_there_too():
    y = checkpoint(lambda x: x.tanh(), leaf(X))
    (values,) = y.grad_fn.local_gradient_values().values()
    np.testing.assert_array_equal(values, 1 - np.tanh(X) ** 2)


# When the function runs


class Counted:
    """A function that counts its calls."""

    def __init__(self, fn=layer):
        self.fn, self.calls = fn, 0

    def __call__(self, *inputs):
        self.calls += 1
        return self.fn(*inputs)


def test_it_runs_once_before_backward_and_once_in_it():
    fn, x = Counted(), leaf(X)
    y = checkpoint(fn, x)
    assert fn.calls == 1
    y.sum().backward(retain_graph=True)
    assert fn.calls == 2
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    assert fn.calls == 2
    with pytest.raises(RuntimeError, match="a second time"):
        y.sum().backward()


def test_it_does_not_run_again_where_no_value_is_missing():
    fn = Counted(lambda x: x + B)
    checkpoint(fn, leaf(X)).sum().backward()
    assert fn.calls == 1


def test_parts_off_the_path_are_not_run_again():
    on, off, x, other = Counted(), Counted(), leaf(X), leaf(X)
    y = checkpoint(on, x).sum() + checkpoint(off, other).sum()
    grad(y, x)
    assert (on.calls, off.calls) == (2, 1)


@pytest.mark.parametrize("x", [leaf(X), X], ids=["within no_grad", "nothing requires a gradient"])
def test_without_history_it_simply_runs(x):
    fn = Counted(lambda x: Tensor(np.ones(3)) * x)
    with no_grad():
        y = checkpoint(fn, x)
    assert fn.calls == 1
    assert not y.requires_grad


def test_history_that_it_enables_within_no_grad_is_as_without_a_checkpoint():
    def fn(x):
        doubled = x * 2
        with enable_grad():
            return layer(x) * doubled

    x = leaf(X)
    with no_grad():
        expected, found = fn(x), checkpoint(fn, x)
    np.testing.assert_array_equal(grad(found.sum(), x).data, grad(expected.sum(), x).data)


def test_backward_within_no_grad_runs_it_with_history_all_the_same():
    x = leaf(X)
    y = checkpoint(layer, x).sum()
    with no_grad():
        y.backward()
    np.testing.assert_array_equal(x.grad.data, grad(layer(x).sum(), x).data)


def test_watchers_are_told_of_the_first_run_only():
    witness = Witness()
    with watch(witness):
        checkpoint(layer, leaf(X)).sum().backward()
    assert witness.called_ops == ["MatMul", "Add", "Tanh", "Sum"]
    assert witness.replayed_ops == ["Sum", "Tanh", "Add", "MatMul"]


def test_both_runs_see_the_same_context_variables():
    scale = ContextVar("scale", default=1.0)
    x = leaf(X)
    token = scale.set(3.0)
    y = checkpoint(lambda x: x * Tensor([scale.get()]), x).sum()
    scale.reset(token)
    y.backward()
    np.testing.assert_array_equal(x.grad.data, np.full(X.shape, 3))


@pytest.mark.parametrize("fails_at", [1, 2], ids=["first run", "second run"])
def test_a_function_that_fails_leaves_nothing_behind(fails_at):
    def fn(x):
        y = with_dropout(x)
        if counted.calls == fails_at:
            raise KeyError("lost")
        return y

    counted, x = Counted(fn), leaf(X)
    mode = current_mode()
    with pytest.raises(KeyError, match="lost"):
        checkpoint(counted, x).sum().backward()
    assert taking.get() is take
    assert current_mode() is mode


def test_after_a_second_run_that_failed_another_may_succeed():
    def fn(x):
        y = with_dropout(x)
        if counted.calls == 2:
            raise KeyError("lost")
        return y

    counted, x = Counted(fn), leaf(X)
    manual_seed(0)
    y = checkpoint(counted, x).sum()
    with pytest.raises(KeyError):
        y.backward(retain_graph=True)
    y.backward()
    manual_seed(0)
    np.testing.assert_array_equal(x.grad.data, grad(with_dropout(x).sum(), x).data)


def test_passes_in_several_threads_run_it_again_once():
    x, together = leaf(X), threading.Barrier(3, timeout=5)

    def slowly(x):
        if fn.calls == 2:
            threading.Event().wait(0.1)  # time for the other threads to arrive
        return layer(x)

    fn = Counted(slowly)
    y = checkpoint(fn, x)

    def work(_):
        together.wait()
        return grad(y.sum(), x, retain_graph=True).data

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(work, range(3)))
    assert fn.calls == 2
    np.testing.assert_array_equal(found, [grad(layer(x).sum(), x).data] * 3)


# Errors


def test_what_is_not_called_yet_comes_first():
    assert message(TypeError, lambda: checkpoint(layer(leaf(X)))) == (
        "checkpoint: the function comes first and is called here, as in checkpoint(layer, x) in "
        "place of layer(x); what was given is Tensor."
    )


def changed(which):
    return (
        f"checkpoint: {which}, which was changed in place since the forward pass, so running the "
        "function again gives other values and the gradient would be wrong. Likely an optimizer "
        "step, a data assignment or an in-place operator between forward and backward, or in the "
        "function itself: call backward first, or compute the result anew."
    )


def parameter_stepped():
    w = leaf([1.0, 2.0], name="w")
    y = checkpoint(lambda x: x * w, leaf([3.0, 4.0]))
    with no_grad():
        w -= 1
    return y


def argument_assigned():
    x = leaf([3.0, 4.0])
    y = checkpoint(lambda x: x.exp(), x)
    x.data = [0, 0]
    return y


def result_of_before_written():
    h = leaf([3.0, 4.0]) * 2
    y = checkpoint(lambda h: 2 + h, h).tanh() + checkpoint(lambda h: h.tanh(), h)
    with no_grad():
        h += 1
    return y


def constant_of_a_mask_written():
    limit = Tensor([3.5])
    y = checkpoint(lambda x: autograd.where(x > limit, x * x, x), leaf([3.0, 4.0]))
    limit[0] = 2.0
    return y


def written_by_the_function_itself():
    scale = Tensor([1.0, 1.0], name="scale")

    def fn(x):
        y = x * scale
        scale.copy_([2.0, 2.0])
        return y

    return checkpoint(fn, leaf([3.0, 4.0]))


CHANGED = [
    (parameter_stepped, "Multiply takes 'w' (2,) float64"),
    (argument_assigned, "Exp takes (2,) float64"),
    (result_of_before_written, "Tanh takes (2,) float64"),
    (constant_of_a_mask_written, "Greater takes (1,) float32"),
    (written_by_the_function_itself, "Multiply takes 'scale' (2,) float32"),
]


@pytest.mark.parametrize(("make", "which"), CHANGED, ids=[make.__name__ for make, _ in CHANGED])
def test_what_it_uses_was_changed_in_place(make, which):
    y = make()
    assert message(RuntimeError, lambda: y.sum().backward()) == changed(which)


def test_a_kept_value_that_the_function_writes_is_an_error_as_without_a_checkpoint():
    def fn(x):
        y = x.exp()
        with no_grad():
            y += 1
        return y * 2

    x = leaf([3.0, 4.0], name="x")
    expected = message(RuntimeError, lambda: fn(x).sum().backward())
    assert expected.startswith("Exp: its output, (2,), was changed in place")
    assert message(RuntimeError, lambda: checkpoint(fn, x).sum().backward()) == expected


def test_what_it_counts_without_history_may_change():
    # As the running averages of a normalisation: read and written each time, used by no gradient.
    average = Tensor(np.zeros(3))

    def fn(x):
        with no_grad():
            average.copy_(average * 0.9 + x.mean(axis=0) * 0.1)
        return layer(x)

    x = leaf(X)
    checkpoint(fn, checkpoint(fn, x)).sum().backward()
    np.testing.assert_array_equal(x.grad.data, grad(layer(layer(x)).sum(), x).data)


def other_steps(number, then, now):
    return (
        "checkpoint: run again for backward, the function did not do the same.\n"
        f"  step {number}, then  {then}\n"
        f"  step {number}, now   {now}\n"
        "Likely something that it reads has changed since (a module's training mode, a counter, a "
        "global), or random numbers came from elsewhere. Hand what changes in as an argument, and "
        "draw random numbers with autograd.random.draw."
    )


def first_and_then(first, second):
    """A function that does one thing the first time, and another thing the second."""
    runs = Counted(lambda x: (first if runs.calls == 1 else second)(x))
    return runs


A_DRAW = "a draw of random numbers (random), (4, 3) float64"
TANH = "Tanh, (4, 3) float64, with gradients for x"
OTHER = {
    "another operation": (
        lambda x: x.tanh(),
        lambda x: x.exp(),
        1,
        TANH,
        TANH.replace("Tanh", "Exp"),
    ),
    "another shape": (
        lambda x: x.tanh(),
        lambda x: x[:2].tanh(),
        1,
        TANH,
        "GetItem, (2, 3) float64, with gradients for x",
    ),
    "another gradient": (
        lambda x: x.tanh() * x,
        lambda x: x.tanh() * x.detach(),
        2,
        "Multiply, (4, 3) float64, with gradients for x, y",
        "Multiply, (4, 3) float64, with gradients for x",
    ),
    "less": (lambda x: x.tanh().tanh(), lambda x: x.tanh(), 2, TANH, "nothing more"),
    "more": (lambda x: x.tanh(), lambda x: x.tanh().tanh(), 2, "nothing more", TANH),
    "dropout gone": (
        lambda x: nn.functional.dropout(x).tanh(),
        lambda x: x.tanh(),
        1,
        A_DRAW,
        TANH,
    ),
    "dropout come": (lambda x: x.tanh(), nn.functional.dropout, 1, TANH, A_DRAW),
    "several results": (
        ExpAndSquare.apply,
        lambda x: x.tanh(),
        1,
        "ExpAndSquare, (4, 3) float64 and (4, 3) float64, with gradients for x",
        TANH,
    ),
}


@pytest.mark.parametrize(("first", "second", "number", "then", "now"), OTHER.values(), ids=OTHER)
def test_it_did_something_else_the_second_time(first, second, number, then, now):
    y = leaves(checkpoint(first_and_then(first, second), leaf(X)))[0]
    found = message(RuntimeError, lambda: y.sum().backward())
    assert found == other_steps(number, then, now)


def test_a_module_set_to_evaluation_in_between():
    net, x = nn.Sequential(nn.Tanh(), nn.Dropout(0.5)), leaf(X)
    manual_seed(0)
    y = checkpoint(net, x).sum()
    net.eval()
    with pytest.raises(RuntimeError, match="training mode"):
        y.backward(retain_graph=True)
    net.train()
    y.backward()
    manual_seed(0)
    np.testing.assert_array_equal(x.grad.data, grad(net(x).sum(), x).data)
