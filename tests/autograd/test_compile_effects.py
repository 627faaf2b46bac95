"""What a step does beside its answer: done once, or refused with everything as it was before."""

import collections
import contextlib
import random
import types

import numpy as np
import pytest
from support.twins import assert_equal, rows

import autograd
import nn
import optim
from autograd import Tensor, TracingError
from autograd.compiling import compile


def x(seed=0):
    return Tensor(rows(seed=seed))


# What is refused

QUEUE = collections.UserList()
PYTHONS, OLD = random.Random(0), np.random.RandomState(0)
COUNTS, PLACES = np.zeros(3), {"total": np.zeros((2, 3))}
FIRST = COUNTS[:1]


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.count = np.zeros(1)

    def forward(self, x):
        self.count += 1
        return x * 2


def writes_a_global(x):
    global WRITTEN
    WRITTEN = x * 2


def swallows(x):
    try:
        return float(x.sum()) * x
    except Exception:
        return x


def suppresses(x):
    with contextlib.suppress(TracingError):
        x.sum().item()
    return x


def anomalies(x):
    with autograd.detect_anomaly():
        return x.log()


def seeds(x):
    autograd.manual_seed(0)
    return nn.functional.dropout(x, 0.5)


def only_seeds(x):
    autograd.manual_seed(0)
    return x


def own_generator(x):
    own = np.random.default_rng(0)
    return x + autograd.random.draw("random", x.shape, generator=own)


def writes(target, key):
    def step(x):
        target[key] += 1
        return x * 2

    return step


STAYS = "a value that .* computes stays somewhere(?s:.)*return Tensors and arrays"
ARRAY = "writes into a plain array that it reaches(?s:.)*effects.py:(?s:.)*keep it as a Tensor"
NUMBER, DRAWN = "becomes a plain number", "random numbers were drawn from {} in a way"
REFUSED = {
    "a queue": (lambda x: QUEUE.append(x * 2), STAYS),
    "a global": (writes_a_global, "changes what WRITTEN is"),
    "an object as the answer": (lambda x: types.SimpleNamespace(y=x * 2), STAYS),
    "a generator as the answer": (lambda x: (x * i for i in range(2)), STAYS),
    "a refusal that is caught": (swallows, NUMBER),
    "a refusal that is suppressed": (suppresses, NUMBER),
    "anomalies": (anomalies, "detect_anomaly within the step(?s:.)*put it around the call"),
    "a seed": (seeds, "that was made within it"),
    "a seed alone": (only_seeds, "manual_seed within the step(?s:.)*before the step"),
    "a Random": (lambda x: x * PYTHONS.random(), DRAWN.format("PYTHONS")),
    "a RandomState": (lambda x: x * OLD.rand(), DRAWN.format("OLD")),
    "a generator made within": (own_generator, "made within it(?s:.)*make it once, outside"),
    "an array": (writes(COUNTS, 0), ARRAY),
    "a view": (writes(FIRST, 0), ARRAY),
    "an array in a dict": (writes(PLACES["total"], (0, 1)), ARRAY),
    "a model's array": (Model(), ARRAY),
    "an array by a Tensor": (lambda x: Tensor(COUNTS).copy_(np.ones(3)), ARRAY),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_leaves_nothing_behind(name):
    function, text = REFUSED[name]
    before = autograd.random.default_generator()
    state = PYTHONS.getstate(), str(OLD.get_state()), str(before.bit_generator.state)
    try:
        with pytest.raises(TracingError, match=text):
            compile(function)(x())
        now = autograd.random.default_generator().bit_generator.state
        if "seed" not in name:
            assert (PYTHONS.getstate(), str(OLD.get_state()), str(now)) == state
        assert "WRITTEN" not in globals()
        for array in (COUNTS, FIRST, PLACES["total"]):
            array += 1  # it can be written again,
            array -= 1
            assert not array.any()  # and nothing was
    finally:
        QUEUE.clear()


@pytest.mark.parametrize(
    ("function", "argument", "text"),
    [
        (lambda x, a: a.append(x * 2), [], "changes a list or dict that it is given"),
        (lambda x, a: a.update(y=x * 2), {}, "changes a list or dict"),
        (lambda x, a: a.pop(), [1.0], "changes a list or dict"),
        (lambda x, a: a.__setitem__(0, x), [rows()], "changes a list or dict"),
        (lambda x, a: a.requires_grad_(True), x(), "whether its argument a requires a gradient"),
        (lambda x, a: x + a.random(x.shape), np.random.default_rng(0), "drawn from a in a way"),
        (lambda x, a: x * a.random(), random.Random(0), "drawn from a in a way"),
        (lambda x, a: np.sum(x * a), np.ma.masked_array(rows(), rows() > 0), "is a MaskedArray"),
        (lambda x, a: x @ a, np.eye(3).view(np.matrix), r"is a matrix(?s:.)*np.asarray\(array\)"),
    ],
)
def test_arguments_that_are_changed_or_compute_in_ways_of_their_own(function, argument, text):
    before = repr(argument.getstate() if isinstance(argument, random.Random) else argument)
    with pytest.raises(TracingError, match=text):
        compile(function)(x(), argument)
    now = repr(argument.getstate() if isinstance(argument, random.Random) else argument)
    assert now == before


def test_a_refusal_that_the_library_itself_expects_is_none():
    labels = np.array([0, 1, -100, 0, 1])  # ignored labels are found by a check that fails
    loss = compile(nn.functional.cross_entropy)
    for _ in range(2):
        assert_equal(loss(x(), labels), nn.functional.cross_entropy(x(), labels))


def test_arrays_that_are_only_read_may_be_read_only_or_lie_where_parameters_do():
    memory = rows(2)
    weight, fixed = Tensor(memory, requires_grad=True), rows(2)
    fixed.flags.writeable = False

    def step(x):
        with autograd.no_grad():
            weight.copy_(x[:2] * weight * fixed * float(memory.size))

    again = compile(step)
    before = memory.copy()
    for _ in range(3):
        again(x())
    assert again.stats()["recordings"] == 1
    assert not np.array_equal(weight.data, before)
    assert memory.flags.writeable
    assert not fixed.flags.writeable


def test_work_in_pieces_is_not_done_when_something_stays():
    model = nn.Linear(700, 300)
    optimizer = optim.Adam(model.parameters())

    def step(x):
        optimizer.zero_grad()
        model(x).sum().backward()
        optimizer.step()
        QUEUE.append(x * 2)

    before = model.weight.data.copy()
    with pytest.raises(TracingError, match=STAYS):
        compile(step)(np.ones((2, 700), np.float32))
    QUEUE.clear()
    np.testing.assert_array_equal(model.weight.data, before)


# What runs as it is instead, has its effects once


class Holder:
    __slots__ = ("late", "n")
    shared = 0

    def __init__(self):
        self.n = 0


def effects():
    """A function with effects on everything, and what tells of them."""
    losses, table, tags, last = [], {"a": 1, "b": 2}, {1}, collections.deque([1, 2], 2)
    holder, plain, kind = Holder(), types.SimpleNamespace(n=0), type("Kind", (), {"n": 0})
    generator, pythons, old = np.random.default_rng(0), random.Random(0), np.random.RandomState(0)
    array, count = np.zeros(2), 0

    def step(x):
        nonlocal count
        count += 1
        losses.append(x.sum())
        table["a"] += 1
        table["c"] = table.pop("b", 0)
        tags.add(len(tags))
        last.append(3)
        holder.n += 1
        holder.late = 1
        plain.n += 1
        plain.late = 1
        kind.n += 1
        kind.late = 1
        step.n = getattr(step, "n", 0) + 1
        drawn = [random.random(), pythons.random(), generator.random(), old.rand()]
        array[0] += 1
        return x * sum(drawn)

    def seen():
        return [
            *(losses, table, sorted(tags), list(last), holder.n, holder.late, vars(plain)),
            *(kind.n, kind.late, step.n, array, count, pythons.random(), generator.random()),
            *(old.rand(), random.random()),
        ]

    return step, seen


def test_what_runs_as_it_is_instead_has_its_effects_once():
    found = []
    for fallback in (False, True):
        random.seed(1)
        step, seen = effects()
        if fallback:
            step = compile(step, fallback="eager")
        warns = pytest.warns(UserWarning, match="runs as it is")
        with warns if fallback else contextlib.nullcontext():
            answers = [step(x(i)) for i in range(3)]
        found.append([answers, seen()])
    assert_equal(found[1], found[0])
