"""What compile refuses, what it says then, and that everything is as it was before."""

import itertools
import random
import weakref

import numpy as np
import pytest
from support.twins import assert_equal, counted, everything

import autograd
import nn
import optim
from autograd import Tensor, TracingError
from autograd.compiling import compile

X = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
WEIGHT = Tensor(X[:1].copy(), requires_grad=True, name="w")
COUNTER = {"steps": 0}


def counts_steps(x):
    COUNTER["steps"] += 1
    return (x * WEIGHT).sum()


COLLECTED = []


def collects(x):
    COLLECTED.append((x * WEIGHT).sum())


ITEMS = itertools.cycle([1.0, 2.0])
GENERATOR = np.random.default_rng(0)


KEPT = Tensor(X[:1].copy(), requires_grad=True, name="hidden")
HIDDEN = weakref.ref(KEPT)  # nobody looks there
BEFORE = WEIGHT * 2
OUTSIDE = np.zeros((2, 3), np.float32)


def branches(x):
    return x if (x.sum() > 0) else -x


OPTIMIZER = optim.SGD([WEIGHT], lr=0.1)
LBFGS = optim.LBFGS([Tensor(X.copy(), requires_grad=True)])
NESTEROV = optim.Nesterov([Tensor(X.copy(), requires_grad=True)])
SCHEDULE = optim.lr_scheduler.StepLR(OPTIMIZER, 2)


def two_steps(x):
    OPTIMIZER.zero_grad()
    (x * WEIGHT).sum().backward()
    OPTIMIZER.step()
    OPTIMIZER.step()


def schedules_first(x):
    OPTIMIZER.zero_grad()
    (x * WEIGHT).sum().backward()
    SCHEDULE.step()
    OPTIMIZER.step()


ONCE = ("counter",)  # may be something made when first needed, so not refused at once
REFUSED = {
    "branch": (branches, ["a branch on values", "test_compile_errors.py", "autograd.where"]),
    "number": (lambda x: x * float(x.sum().data), ["plain number", "keep it a Tensor"]),
    "item": (lambda x: x.sum().item(), ["plain number"]),
    "mask": (lambda x: x[x > 0], ["by a mask", "autograd.where"]),
    "written outside": (
        lambda x: np.copyto(OUTSIDE, (x * WEIGHT).data),
        ["written into an array from outside", "return the value"],
    ),
    "made an array": (lambda x: OUTSIDE.__setitem__(0, x.sum().data), ["plain number or array"]),
    "argument written": (lambda x: x.data.__iadd__(1), ["x is changed in place", "belongs to"]),
    "counter": (counts_steps, ["changes what COUNTER.steps is", "a counter", "after the call"]),
    "list": (collects, ["changes what COLLECTED.0 is", "a list of losses"]),
    "schedule first": (
        schedules_first,
        ["StepLR.step() comes before the step of its SGD", "step the optimiser first"],
    ),
    "iterator": (lambda x: x * next(ITEMS), ["iterator ITEMS", "step(*next(batches))"]),
    "generator": (
        lambda x: x * GENERATOR.random(3, np.float32),
        ["drawn from GENERATOR", "autograd.random.draw"],
    ),
    "default generator": (
        lambda x: x * autograd.random.default_generator().random(3, np.float32),
        ["drawn from the default generator"],
    ),
    "NumPy's old generator": (
        lambda x: x * np.random.rand(3),  # noqa: NPY002
        ["drawn from np.random"],
    ),
    "Python's generator": (lambda x: x * random.random(), ["drawn from Python's random"]),
    "hidden": (
        lambda x: x * HIDDEN(),
        ["'hidden', shape (1, 3)", "cannot be seen", "pass it"],
    ),
    "made before": (lambda x: x * BEFORE, ["computed before, of Multiply", "t.detach()"]),
    "L-BFGS": (lambda x: LBFGS.step(lambda: x.sum()), ["LBFGS.step moves", "compile the closure"]),
    "Nesterov": (lambda x: NESTEROV.step(lambda: x.sum()), ["Nesterov.step moves"]),
    "two steps": (two_steps, ["SGD makes two steps", "call it twice"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_and_what_is_said(name):
    function, parts = REFUSED[name]
    WEIGHT.grad = None
    before = WEIGHT.data.copy()
    compiled = compile(function)
    if name in ONCE:
        compiled(Tensor(X))
        before = WEIGHT.data.copy()
    with pytest.raises(TracingError) as caught:
        compiled(Tensor(X))
    for part in parts:
        assert part in str(caught.value)
    np.testing.assert_array_equal(WEIGHT.data, before)


def test_results_that_were_put_somewhere_are_there_no_more():
    COLLECTED.clear()
    with pytest.raises(TracingError):
        compile(collects)(Tensor(X))
    assert COLLECTED == []


def test_an_argument_with_a_history_is_refused():
    with pytest.raises(TracingError, match=r"the argument x of .* is a result of Multiply"):
        compile(lambda x: x * 2)(WEIGHT * 2)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: compile(3), TypeError, "takes a function or a model, and this is int"),
        (lambda: compile(WEIGHT), TypeError, r"not what it answers"),
        (lambda: compile(branches, fallback="no"), ValueError, "fallback is None"),
        (lambda: compile(branches).stats(), RuntimeError, "no recording yet"),
        (lambda: compile(branches).check(X), RuntimeError, "no recording yet"),
    ],
    ids=["number", "tensor", "fallback", "stats", "check"],
)
def test_wrong_calls(call, error, said):
    with pytest.raises(error, match=said):
        call()


def test_everything_is_put_back_when_a_step_turns_out_not_to_be_recordable():
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 2))
    optimizer = optim.Adam(model.parameters())

    def step(x):
        optimizer.zero_grad()
        loss = (model(x) ** 2).mean()
        loss.backward()
        optimizer.step()
        return float(loss.data)

    for _ in range(2):
        before = everything_of(model, optimizer)
        with pytest.raises(TracingError):
            compile(step)(X)
        assert_equal(everything_of(model, optimizer), before)
        step(X)  # so that there are gradients, counts and averages


def everything_of(model, optimizer):
    class Training:
        optimizers = [optimizer]

    Training.model = model
    found = everything(Training)
    found["state"] = {name: value.copy() for name, value in found["state"].items()}
    return found


def test_with_the_fallback_it_runs_as_it_is_with_one_warning():
    function, calls = counted(branches)
    compiled = compile(function, fallback="eager")
    with pytest.warns(UserWarning, match=r"branches runs as it is from now on.*a branch on values"):
        first = compiled(Tensor(X + 1))
    assert_equal(first, Tensor(X + 1))
    assert_equal(compiled(Tensor(X - 5)), Tensor(5 - X))
    assert calls.count == 3


def test_what_the_function_raises_it_raises_at_the_first_call_too():
    compiled = compile(lambda x: x @ x)
    with pytest.raises(ValueError, match="MatMul") as caught:
        compiled(Tensor(X))
    assert caught.value.__context__ is None or "recorded" not in str(caught.value.__context__)


def test_what_needs_numpy_s_own_arrays_runs_as_it_is():
    def function(x):
        if not isinstance(x.data, np.ndarray):
            raise TypeError("an ndarray, please")
        return x * 2

    compiled = compile(function)
    with pytest.warns(UserWarning, match="failed while it was recorded.*an ndarray, please"):
        first = compiled(Tensor(X))
    assert_equal(first, Tensor(X * 2))
    assert_equal(compiled(Tensor(X)), Tensor(X * 2))


def test_after_eight_recordings_new_forms_run_as_they_are():
    function, calls = counted(lambda x, power: x**power)
    compiled = compile(function)
    for power in range(8):
        compiled(X, power)
    with pytest.warns(UserWarning, match="was recorded 8 times, and again something is new"):
        compiled(X, 8)
    compiled(X, 9)
    assert calls.count == 10
    assert_equal(compiled(X + 1, 3), Tensor((X + 1) ** 3))  # those that are there go on
    assert calls.count == 10


def test_a_gradient_that_is_not_finite_is_said_before_weights_change():
    weight = Tensor(X[:1].copy(), requires_grad=True, name="w")
    optimizer = optim.SGD([weight], lr=0.1, check_finite=True)

    def step(x):
        optimizer.zero_grad()
        (weight * x).sum().backward()
        optimizer.step()

    compiled = compile(step)
    for _ in range(3):
        compiled(Tensor(X))
    before = weight.data.copy()
    with pytest.raises(FloatingPointError, match=r"'w', of shape .* has 3 NaN"):
        compiled(Tensor(X * np.nan))
    np.testing.assert_array_equal(weight.data, before)
    assert optimizer.state_dict()["state"][0]["step"] == 3
    compiled(Tensor(X))
    assert optimizer.state_dict()["state"][0]["step"] == 4


def test_gradients_whose_squares_overflow_are_not_clipped_to_nothing():
    weight = Tensor(X[:1].copy(), requires_grad=True)

    def step(x):
        weight.grad = None
        (weight * x).sum().backward()
        optim.clip_grad_norm_(weight, 1.0)

    compiled = compile(step)
    compiled(Tensor(X))
    compiled(Tensor(X))
    with pytest.raises(ValueError, match="the squares of the gradients overflow"):
        compiled(Tensor(X * np.float32(1e25)))


def test_a_hyperparameter_out_of_range_is_said_at_a_replay():
    weight = Tensor(X[:1].copy(), requires_grad=True)
    optimizer = optim.SGD([weight], lr=0.1)

    def step(x):
        optimizer.zero_grad()
        (weight * x).sum().backward()
        optimizer.step()

    compiled = compile(step)
    compiled(Tensor(X))
    compiled(Tensor(X))
    optimizer.param_groups[0]["lr"] = -1
    with pytest.raises(ValueError, match="lr"):
        compiled(Tensor(X))
