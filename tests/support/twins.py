"""The same training twice, once eager and once compiled, compared to the last bit."""

import functools
import threading
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

import autograd
import nn
from autograd import Tensor
from autograd.compiling import Compiled, compile
from nn import functional


def batches(steps=12, rows=20, features=6, classes=3, dtype=np.float32):
    """New inputs and labels for each step."""
    rng = np.random.default_rng(1)
    for _ in range(steps):
        x = rng.standard_normal((rows, features)).astype(dtype)
        yield x, rng.integers(0, classes, rows)


def rows(n=5, dtype=np.float32, seed=0):
    return np.random.default_rng(seed).standard_normal((n, 3)).astype(dtype)


def leaf(*shape, dtype=np.float32, name=None):
    return Tensor(rows(7, dtype)[: shape[0]].copy(), requires_grad=True, name=name)


def assert_equal(ours, eager, where=""):
    """Trees of dicts, lists, Tensors, arrays and plain values are equal to the last bit."""
    if isinstance(eager, dict):
        assert list(ours) == list(eager), where
        for key, value in eager.items():
            assert_equal(ours[key], value, f"{where}.{key}")
    elif isinstance(eager, list | tuple):
        assert len(ours) == len(eager), where
        for i, value in enumerate(eager):
            assert_equal(ours[i], value, f"{where}[{i}]")
    elif eager is None or ours is None or isinstance(eager, str | bool):
        assert type(ours) is type(eager), where
        assert ours == eager, where
    else:
        a, b = (np.asarray(getattr(one, "data", one)) for one in (ours, eager))
        assert a.dtype == b.dtype, where
        np.testing.assert_array_equal(a, b, err_msg=where)


def everything(training):
    """All that a training has changed: model, gradients, optimisers, the random generator."""
    model = training.model
    return {
        "state": model.state_dict(),
        # Copies: who holds a gradient has the next call run as it is.
        "gradients": [None if p.grad is None else p.grad.data.copy() for p in model.parameters()],
        "optimizers": [one.state_dict() for one in training.optimizers],
        "random": repr(autograd.random.default_generator().bit_generator.state),
    }


def counted(function):
    """The function, and how often it was called, kept where no walk looks: in one of Python's."""
    calls = threading.local()
    calls.count = 0

    @functools.wraps(function)
    def count(*args, **kwargs):
        calls.count += 1
        return function(*args, **kwargs)

    return count, calls


@dataclass
class Counted:
    """A function compiled, and how often it really ran."""

    compiled: Compiled
    calls: threading.local


def compiled(function):
    function, calls = counted(function)
    return Counted(compile(function), calls)


def assert_same_training(make, given=None, each=lambda training, i: None, recordings=1, runs=3):
    """Train two of `make()`, one compiled, on the same data from one seed.

    Args:
        make: makes a training: model, optimizers, and `step(*batch)`.
        given: the batches.
        each: what is done after each step, outside of it.
        recordings: how many there are in the end.
        runs: how often the compiled function itself runs. Three times where an optimiser looks at
            its first three steps; all turn out to be one recording. None for as often as it will.
    """
    given = list(batches()) if given is None else given
    histories = []
    for way in (lambda step: step, compile):
        autograd.manual_seed(0)
        training = make()
        function, calls = counted(training.step)
        step = way(function)
        history = []
        for i, batch in enumerate(given):
            history.append([step(*batch), everything(training)])
            each(training, i)
        histories.append(history)
    for i, (ours, eager) in enumerate(zip(histories[1], histories[0], strict=True)):
        assert_equal(ours, eager, f"step {i}")
    found = {"recordings": step.stats()["recordings"], "runs": calls.count}
    wanted = {"recordings": recordings, "runs": found["runs"] if runs is None else runs}
    assert found == wanted, found
    return step


def mlp(*between, features=6, classes=3):
    return nn.Sequential(nn.Linear(features, 8), *between, nn.ReLU(), nn.Linear(8, classes))


def training(model, *optimizers, step):
    return SimpleNamespace(model=model, optimizers=list(optimizers), step=step)


def classification(model, optimizer, before_step=lambda model: None):
    """The usual step of a classifier."""

    def step(x, y):
        optimizer.zero_grad()
        loss = functional.cross_entropy(model(x), y)
        loss.backward()
        before_step(model)
        optimizer.step()
        return loss

    return training(model, optimizer, step=step)
